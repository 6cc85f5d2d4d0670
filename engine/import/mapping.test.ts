import { describe, expect, test } from 'vitest';
import { buildModel } from '#engine/declare/model.ts';
import type { PerigonError } from '#kit/errors.ts';
import { modules } from '#modules/index.ts';
import { matchOf, readMapping } from './mapping.ts';
import { mergeValues } from './merge.ts';
import { planRows, readRow } from './rows.ts';
import { ColumnSniffer } from './sniff.ts';
import { likeness, plainName, suggest, suggestFor } from './suggest.ts';

const model = buildModel(modules);
const env = { now: new Date('2026-01-01T00:00:00Z'), timeZone: 'Europe/Berlin', country: 'DE', baseCurrency: 'EUR' };
const columns = (table: Record<string, string[]>) =>
  Object.entries(table).map(([name, values]) => {
    const sniffer = new ColumnSniffer();
    for (const value of values) sniffer.add(value);
    return { name, ...sniffer.finding('DE') };
  });

const problemsOf = (mapping: unknown, names?: string[]): string[] => {
  try {
    readMapping(model, mapping, names);
    return [];
  } catch (error) {
    return (error as PerigonError).errors.map((problem) => problem.path);
  }
};

describe('mappings', () => {
  test('every fault is named, at its place', () => {
    expect(problemsOf({ object: 'party', columns: { a: { field: 'name' } } }, ['a'])).toEqual([]);
    expect(problemsOf({ object: 'nothing', columns: {} })).toEqual(['object']);
    expect(
      problemsOf({
        object: 'party',
        columns: {
          a: { field: 'nme' },
          b: { field: 'owner', by: 'shoe' },
          c: { field: 'externalId' },
          d: { skip: true },
          e: { field: 'name', create: true },
          f: { field: 'kind', colour: 1 },
        },
        match: ['nope'],
        extra: 1,
      }),
    ).toEqual(['extra', 'columns.a.field', 'columns.b.by', 'columns.c.system', 'columns.e.create', 'columns.f.colour', 'match.0']);
    expect(problemsOf({ object: 'party', columns: { Nmae: { field: 'name' } } }, ['Name'])).toEqual(['columns.Nmae']);
    expect(problemsOf({ object: 'party', columns: {}, templates: { name: '{x}' }, defaults: { nix: 1 } }, ['y'])).toEqual([
      'defaults.nix',
      'templates.name',
    ]);
  });

  test('rows are recognised by what is exclusive, unless the mapping says by what', () => {
    expect(matchOf(model, { object: 'party', columns: { a: { field: 'emails.value' }, b: { field: 'externalId', system: 'x' } } })).toEqual(
      ['externalId'],
    );
    expect(matchOf(model, { object: 'product', columns: { a: { field: 'sku' }, b: { field: 'name' } } })).toEqual(['sku']);
    expect(matchOf(model, { object: 'party', columns: { a: { field: 'emails.value' }, b: { field: 'name' } } })).toEqual(['emails']);
    expect(matchOf(model, { object: 'party', columns: { a: { field: 'name' } } })).toEqual([]);
    expect(matchOf(model, { object: 'party', columns: {}, match: ['emails.value'] })).toEqual(['emails']);
  });

  test('every preset is a mapping without faults', () => {
    expect(model.presets.map((preset) => preset.key).sort()).toEqual([
      'maven-accounts',
      'maven-products',
      'maven-sales-pipeline',
      'maven-sales-teams',
      'retail-invoices',
    ]);
    for (const preset of model.presets)
      expect(problemsOf(JSON.parse(JSON.stringify(preset.mapping)), Object.keys(preset.mapping.columns)), preset.key).toEqual([]);
  });
});

describe('rows', () => {
  const read = (mapping: Parameters<typeof planRows>[1], names: string[], cells: string[]) =>
    readRow(planRows(model, mapping, names, env), { number: 2, cells, end: 0, problem: null }, env);

  test('cells become wire values; parts and several columns come together', () => {
    const row = read(
      {
        object: 'party',
        columns: {
          Name: { field: 'name' },
          Street: { field: 'addresses.street' },
          Town: { field: 'addresses.city' },
          Mail: { field: 'emails.value', label: 'work' },
          Mail2: { field: 'emails.value' },
          Revenue: { field: 'annualRevenue', currency: 'USD', decimal: ',' },
          Born: { field: 'birthDate', date: 'dmy' },
          Sector: { field: 'industry', values: { technolgy: 'technology' } },
          Key: { field: 'externalId', system: 'erp' },
        },
      },
      ['Name', 'Street', 'Town', 'Mail', 'Mail2', 'Revenue', 'Born', 'Sector', 'Key'],
      ["'=Ana", 'Weg 1', 'Ulm', 'A@b.de', 'c@d.de', '1.234,50', '1/2/1999', 'Technolgy', 'K1'],
    );
    expect(row.problems).toEqual([]);
    expect(row.values).toEqual({
      name: '=Ana',
      addresses: [{ label: null, street: 'Weg 1', city: 'Ulm' }],
      emails: [
        { value: 'a@b.de', label: 'work', primary: true },
        { value: 'c@d.de', label: null, primary: false },
      ],
      annualRevenue: { amount: '1234.50', currency: 'USD' },
      birthDate: '1999-02-01',
      industry: 'technology',
    });
    expect(row.externalIds).toEqual([{ system: 'erp', value: 'K1' }]);
  });

  test('every fault of a row with its column; a ragged row is one', () => {
    const mapping = {
      object: 'party',
      columns: { Name: { field: 'name' }, Mail: { field: 'emails.value' }, Staff: { field: 'employees' } },
    };
    expect(read(mapping, ['Name', 'Mail', 'Staff'], ['Ana', 'nobody', 'many']).problems.map(({ column }) => column)).toEqual([
      'Mail',
      'Staff',
    ]);
    expect(read(mapping, ['Name', 'Mail', 'Staff'], ['Ana', 'a@b.de']).problems[0]?.detail).toBe('The row has 2 cells, the header 3.');
    expect(read(mapping, ['Name', 'Mail', 'Staff'], ['Ana', 'a@b.de', '3', '']).problems).toEqual([]);
  });

  test('an empty cell says nothing, unless it is to empty', () => {
    const names = ['Name', 'City'];
    expect(read({ object: 'party', columns: { Name: { field: 'name' }, City: { field: 'city' } } }, names, ['Ana', '']).values).toEqual({
      name: 'Ana',
    });
    expect(
      read({ object: 'party', columns: { Name: { field: 'name' }, City: { field: 'city', blank: 'clear' } } }, names, ['Ana', '']).values,
    ).toEqual({ name: 'Ana', city: null });
  });

  test('what a file does not speak of stays', () => {
    const values: Record<string, unknown> = {
      emails: [
        { value: 'a@b.de', label: null, primary: true },
        { value: 'new@b.de', label: null, primary: false },
      ],
      addresses: [{ label: null, city: 'Bonn' }],
      externalIds: [{ system: 'b', value: '2' }],
    };
    mergeValues(
      model.object('party'),
      new Set(['emails', 'addresses', 'externalIds']),
      {
        emails: [{ value: 'a@b.de', label: 'work', primary: true }],
        addresses: [{ street: 'Weg 1', city: 'Ulm', label: 'home', primary: true }],
        externalIds: [{ system: 'a', value: '1' }],
      },
      values,
    );
    expect(values).toEqual({
      emails: [
        { value: 'a@b.de', label: 'work', primary: true },
        { value: 'new@b.de', label: null, primary: false },
      ],
      addresses: [{ street: 'Weg 1', city: 'Bonn', label: 'home', primary: true }],
      externalIds: [
        { system: 'a', value: '1' },
        { system: 'b', value: '2' },
      ],
    });
  });
});

describe('proposals', () => {
  test('names are compared without case, accents and marks', () => {
    expect(plainName('E-Mail_Adresse')).toBe('e mail adresse');
    expect(plainName('closeDate')).toBe('close date');
    expect(likeness('company name', 'company')).toBeGreaterThan(0.74);
    expect(likeness('street', 'state')).toBeLessThan(0.74);
  });

  test('a German address list', () => {
    const { mapping } = suggestFor(
      model.object('party'),
      columns({
        Firma: ['Müller GmbH'],
        Straße: ['Weg 1'],
        PLZ: ['01067'],
        Ort: ['Dresden'],
        Land: ['Deutschland'],
        'E-Mail': ['a@b.de'],
        Telefon: ['+49 30 901820'],
        Branche: ['Software'],
        Mitarbeiter: ['12'],
        'Kunden-Nr.': ['K1'],
        Quatsch: ['x'],
      }),
    );
    expect(
      Object.fromEntries(
        Object.entries(mapping.columns).map(([name, target]) => [name, Array.isArray(target) ? null : (target.field ?? null)]),
      ),
    ).toEqual({
      Firma: 'name',
      Straße: 'addresses.street',
      PLZ: 'addresses.postalCode',
      Ort: 'addresses.city',
      Land: 'addresses.country',
      'E-Mail': 'emails.value',
      Telefon: 'phones.value',
      Branche: 'industry',
      Mitarbeiter: 'employees',
      'Kunden-Nr.': 'externalId',
      Quatsch: null,
    });
  });

  test('contacts in English, and values nearly right', () => {
    const { mapping } = suggestFor(
      model.object('party'),
      columns({
        'First Name': ['Ana'],
        'Last Name': ['Cruz'],
        'Email Address': ['a@b.de'],
        'Phone 1': ['+49 30 901820'],
        'Phone 2': ['+49 30 901821'],
        Sector: ['technolgy', 'retail'],
      }),
    );
    expect(mapping.columns).toMatchObject({
      'First Name': { field: 'personName.given' },
      'Last Name': { field: 'personName.family' },
      'Email Address': { field: 'emails.value' },
      'Phone 1': { field: 'phones.value' },
      'Phone 2': { field: 'phones.value' },
      Sector: { field: 'industry', values: { technolgy: 'technology' } },
    });
  });

  test('which object a file is about, and which preset fits', () => {
    const objects = [...model.objects.keys()];
    expect(
      suggest(
        model,
        model.presets,
        objects,
        columns({ 'Invoice No': ['A1'], 'Invoice Date': ['2024-01-01'], Customer: ['Acme'], Total: ['12.50'], 'Due date': ['2024-02-01'] }),
        'export.csv',
      )?.object,
    ).toBe('invoice');
    expect(
      suggest(
        model,
        model.presets,
        objects,
        columns({ Company: ['Acme'], City: ['Ulm'], Email: ['a@b.de'], Phone: ['+49 30 901820'] }),
        'list.csv',
      )?.object,
    ).toBe('party');
    expect(
      suggest(model, model.presets, objects, columns({ product: ['GTX'], series: ['GTX'], sales_price: ['5'] }), 'x.csv')?.preset,
    ).toBe('maven-products');
  });
});
