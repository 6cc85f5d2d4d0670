import { describe, expect, it } from 'vitest';
import * as f from './fields/index.ts';
import { edgesOf, type FlowShape, filled, nextStep, pathsOf, placesOf, type Step } from './flow.ts';
import { flowFindings, objectsOf } from './flow-findings.ts';
import { buildModel } from './model.ts';
import { defineObject } from './object.ts';

const list = { columns: ['name'], sort: ['name'] };
const user = defineObject({ key: 'user', plural: 'users', icon: 'user', title: 'name', list, form: [], fields: { name: f.text() } });
const firm = defineObject({
  key: 'firm',
  plural: 'firms',
  icon: 'box',
  title: 'name',
  owner: 'owner',
  list,
  form: [],
  fields: {
    name: f.text({ required: true }),
    owner: f.user(),
    size: f.integer(),
    since: f.date(),
    kind: f.select(['small', 'large']),
    parent: f.reference({ to: 'firm' }),
    number: f.autoNumber({ pattern: 'F-{0000}' }),
  },
});
const deal = defineObject({
  key: 'deal',
  plural: 'deals',
  icon: 'box',
  title: 'name',
  owner: 'owner',
  list,
  form: [],
  fields: {
    name: f.text({ required: true }),
    owner: f.user(),
    firm: f.reference({ to: 'firm', inverse: 'deals', required: true }),
    kind: f.select(['small']),
    on: f.date(),
  },
});
const close = { key: 'close', object: 'deal', verb: 'update' as const, input: { as: f.select(['won', 'lost'], { required: true }) } };
const model = buildModel([{ key: 'm', objects: [user, firm, deal], actions: [close] }]);
const SOMEBODY = '01890000-0000-7000-8000-000000000001';

const flow = (steps: Record<string, Step>, more: Partial<FlowShape> = {}): FlowShape => ({
  object: 'firm',
  trigger: { on: 'change', deeds: ['created'] },
  start: Object.keys(steps)[0] ?? null,
  steps,
  ...more,
});
const found = (shape: FlowShape) => flowFindings(model, shape).map(({ step, path, code }) => `${step ?? '-'} ${path} ${code}`);
const set = (values: Extract<Step, { do: 'set' }>['values'], next: string | null = null): Step => ({ do: 'set', values, next });

describe('the way through a flow', () => {
  const branch: Step = {
    do: 'branch',
    branches: [
      { id: 'a', when: { all: [] }, next: 'x' },
      { id: 'b', when: { all: [] } },
    ],
    else: 'z',
  };
  it('follows the edge that a step names, and ends where none leads on', () => {
    expect(nextStep(branch, 'branch:a')).toBe('x');
    expect(nextStep(branch, 'branch:b')).toBeNull();
    expect(nextStep(branch, 'else')).toBe('z');
    const approve: Step = { do: 'approve', by: {}, text: '', next: 'y', refused: 'n', timeout: { after: { days: 1 }, next: 't' } };
    expect(edgesOf(approve)).toEqual([
      { edge: 'next', to: 'y' },
      { edge: 'refused', to: 'n' },
      { edge: 'timeout', to: 't' },
    ]);
    expect(nextStep({ do: 'wait' }, 'next')).toBeNull();
    const wait: Step = { do: 'wait', when: { field: 'size', op: 'gte', value: 9 }, next: 'y', timeout: { after: { days: 9 }, next: 't' } };
    expect(edgesOf(wait)).toEqual([
      { edge: 'next', to: 'y' },
      { edge: 'timeout', to: 't' },
    ]);
  });

  it('knows what a step reads', () => {
    expect(placesOf('{{ name }} of {{parent.name}}, {{name}}')).toEqual(['name', 'parent.name']);
    expect(filled('Dear {{ name }}!', (path) => `<${path}>`)).toBe('Dear <name>!');
    expect(pathsOf({ do: 'notify', to: { field: 'parent.owner' }, text: 'Of {{parent.name}}' })).toEqual({
      stored: ['parent.owner'],
      named: ['parent.name'],
    });
  });

  it('knows of which object each step is', () => {
    const shape = flow({
      loop: { do: 'loop', over: 'deals', each: 'one', next: 'end' },
      one: set({ on: { date: 'today' } }),
      end: set({ size: { value: 1 } }),
    });
    expect([...objectsOf(model, shape)].map(([id, object]) => [id, object.key])).toEqual(
      expect.arrayContaining([
        ['loop', 'firm'],
        ['one', 'deal'],
        ['end', 'firm'],
      ]),
    );
    expect(found(shape)).toEqual([]);
  });
});

describe('what is wrong with a flow', () => {
  it('nothing, where nothing is', () => {
    expect(
      found(
        flow({
          a: set(
            {
              size: { value: 3 },
              since: { date: { days: 3 } },
              name: { text: '{{name}} ({{parent.owner.name}})' },
              owner: { field: 'parent.owner' },
              parent: { field: 'id' },
            },
            'b',
          ),
          b: { do: 'create', object: 'deal', values: { name: { text: 'x' }, firm: { field: 'id' }, owner: { field: 'owner' } }, next: 'c' },
          c: { do: 'assign', users: [SOMEBODY], next: 'd' },
          d: { do: 'wait', until: 'since', shift: { days: -3 }, next: 'e' },
          e: { do: 'approve', by: { field: 'owner' }, text: 'ok?', next: 'f', refused: null },
          f: { do: 'webhook', url: 'https://x.example/{{id}}', body: { name: { field: 'name' } } },
        }),
      ),
    ).toEqual([]);
  });

  it('fields that are not there, that Perigon keeps, or that do not fit', () => {
    expect(
      found(
        flow({
          a: set({
            nope: { value: 1 },
            number: { value: 'F-1' },
            version: { value: 1 },
            size: { text: 'x' },
            since: { value: 'no date' },
            kind: { value: 'huge' },
            owner: { field: 'parent' },
            name: { value: null },
            parent: { date: 'today' },
          }),
        }),
      ),
    ).toEqual([
      'a values.nope unknownField',
      'a values.number readOnly',
      'a values.version readOnly',
      'a values.size type',
      'a values.since type',
      'a values.kind option',
      'a values.owner type',
      'a values.name required',
      'a values.parent type',
    ]);
  });

  it('what a record cannot be made without, and options that another field does not have', () => {
    expect(found(flow({ a: { do: 'create', object: 'deal', values: { kind: { field: 'kind' } } } }))).toEqual([
      'a values.kind type',
      'a values.name required',
      'a values.firm required',
    ]);
  });

  it('steps that lead nowhere, that nothing leads to, and circles without a wait', () => {
    const step = set({ size: { value: 1 } });
    expect(found(flow({}))).toEqual(['- start nothing']);
    expect(found(flow({ a: { ...step, next: 'gone' }, b: step } as Record<string, Step>))).toEqual(['a next noStep', 'b  unreachable']);
    const circle = { a: set({ size: { value: 1 } }, 'b'), b: set({ size: { value: 2 } }, 'a') };
    expect(found(flow(circle))).toEqual(['a  endlessLoop']);
    expect(found(flow({ ...circle, b: { do: 'wait', for: { days: 1 }, next: 'a' } }))).toEqual([]);
    // What may be over at once lets a circle run away; the edge of a latest moment does not.
    expect(found(flow({ ...circle, b: { do: 'wait', for: { days: 0 }, next: 'a' } }))).toEqual(['a  endlessLoop']);
    expect(found(flow({ ...circle, b: { do: 'wait', until: 'since', next: 'a' } }))).toEqual(['a  endlessLoop']);
    const large = { field: 'size', op: 'gte', value: 9 } as const;
    expect(found(flow({ ...circle, b: { do: 'wait', when: large, next: 'a' } }))).toEqual(['a  endlessLoop']);
    expect(found(flow({ ...circle, b: { do: 'wait', when: large, timeout: { after: { days: 1 }, next: 'a' } } }))).toEqual([]);
    expect(
      found(flow({ a: { do: 'loop', over: 'deals', each: 'b', next: 'b' }, b: { do: 'notify', to: { field: 'owner' }, text: 'x' } })),
    ).toEqual(['b  twoObjects']);
  });

  it('conditions, actions, approvers and triggers', () => {
    expect(found(flow({ a: { do: 'branch', branches: [{ id: 'x', when: { field: 'nope', op: 'eq', value: 1 } }] } }))).toEqual([
      'a branches.0.when.field unknownField',
    ]);
    expect(found(flow({ a: { do: 'act', action: 'close', input: {} } }))).toEqual(['a action otherObject', 'a input.as required']);
    expect(found(flow({ a: { do: 'act', action: 'nope', input: {} } }))).toEqual(['a action unknownAction']);
    expect(found(flow({ a: { do: 'approve', by: {}, text: 'ok?' } }))).toEqual(['a by required']);
    expect(found(flow({ a: { do: 'wait' } }))).toEqual(['a for required']);
    expect(found(flow({ a: { do: 'wait', for: { days: 1 }, when: { field: 'size', op: 'eq', value: 1 } } }))).toEqual(['a for required']);
    expect(found(flow({ a: { do: 'wait', when: { all: [] } } }))).toEqual(['a when required']);
    expect(found(flow({ a: { do: 'wait', when: { field: 'nope', op: 'eq', value: 1 } } }))).toEqual(['a when.field unknownField']);
    expect(found(flow({ a: { do: 'wait', for: { days: 1 }, timeout: { after: { days: 1 } } } }))).toEqual(['a timeout unexpected']);
    const ok = { a: set({ size: { value: 1 } }) };
    expect(found(flow(ok, { trigger: { on: 'schedule', every: 'week', at: '25:00', day: 9 } }))).toEqual([
      '- trigger.at type',
      '- trigger.day range',
    ]);
    expect(
      found(
        flow(ok, { trigger: { on: 'change', deeds: ['changed'], fields: ['nope'], was: { field: 'parent.size', op: 'eq', value: 1 } } }),
      ),
    ).toEqual(['- trigger.fields unknownField', '- trigger.was ownOnly']);
    expect(found(flow(ok, { object: 'nope' }))).toEqual(['- object unknownObject']);
  });
});
