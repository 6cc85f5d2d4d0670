import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** Fields and objects that a company makes itself, over the API: at once on every surface, renamed and retired without loss. */
let inside: Inside;
let admin = '';
let rep = '';
const ask = (method: string, url: string, body?: unknown, key = admin) => inside.ask(method, `/api/v1${url}`, { key, body });
const good = async (method: string, url: string, body?: unknown) => {
  const answer = await ask(method, url, body);
  expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(300);
  return answer.body as Record<string, unknown>;
};

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  const user = await inside.product.addUser(ctx, { name: 'Rep', email: 'rep@perigon.example', password: null, roles: ['salesRep'] });
  rep = (await createApiKey(ctx.db, { userId: user, name: 'test' })).secret;
});
afterAll(() => inside.stop());

describe('a field of the company', () => {
  it('is there at once in writing, reading, filters, sums, OpenAPI, meta, history and undo', async () => {
    const before = await good('POST', '/parties', { name: 'From before' });
    await good('POST', '/catalogue/objects/party/fields', {
      key: 'xTier',
      field: { type: 'select', with: { options: [{ key: 'gold', color: '1' }, { key: 'silver' }] }, index: true },
      words: {
        en: { label: 'Tier', options: { gold: 'Gold', silver: 'Silver' } },
        de: { label: 'Stufe', options: { gold: 'Gold', silver: 'Silber' } },
      },
    });
    await good('POST', '/catalogue/objects/party/fields', {
      field: { type: 'money', with: {} },
      words: { en: { label: 'Budget for 2027' } },
    });
    const made = await good('POST', '/parties', { name: 'Acme', xTier: 'gold', xBudgetFor2027: { amount: '12.50', currency: 'EUR' } });
    expect(made).toMatchObject({ xTier: 'gold', xBudgetFor2027: { amount: '12.50', currency: 'EUR' } });
    expect(await good('GET', `/parties/${before.id}`)).toMatchObject({ xTier: null });
    const found = await good('POST', '/parties/query', {
      where: { field: 'xTier', op: 'eq', value: 'gold' },
      sort: ['-xTier'],
      count: true,
    });
    expect(found).toMatchObject({ items: [{ id: made.id }], count: { value: 1 } });
    const sums = await good('POST', '/parties/aggregate', {
      groupBy: ['xTier'],
      measures: { n: { op: 'count' }, sum: { op: 'sum', field: 'xBudgetFor2027', in: 'base' } },
    });
    expect(JSON.stringify(sums)).toContain('12.5');
    const refused = await ask('PATCH', `/parties/${made.id}`, { xTier: 'bronze' });
    expect(refused.status).toBe(422);
    const openApi = (await inside.ask('GET', '/api/openapi.json')).text;
    expect(openApi).toContain('xBudgetFor2027');
    const meta = (await good('GET', '/meta')) as {
      words: Record<string, Record<string, string>>;
      objects: { key: string; variants?: { forms: Record<string, { fields: string[] }[]> } }[];
    };
    expect(meta.words.de?.['party.fields.xTier']).toBe('Stufe');
    for (const form of Object.values(meta.objects.find(({ key }) => key === 'party')?.variants?.forms ?? {}))
      expect(form.at(-1)?.fields).toEqual(['xTier', 'xBudgetFor2027']);
    const changed = await ask('PATCH', `/parties/${made.id}`, { xTier: 'silver' });
    const history = await good('GET', `/parties/${made.id}/history`);
    expect(JSON.stringify(history)).toContain('xTier');
    await good('POST', `/causes/${String(changed.headers['perigon-cause'])}/undo`);
    expect(await good('GET', `/parties/${made.id}`)).toMatchObject({ xTier: 'gold' });
  });

  it('keeps its key and values under another name, hides when it is retired, and comes back whole', async () => {
    await good('POST', '/catalogue/objects/case/fields', {
      key: 'xRoom',
      field: { type: 'text', search: 'words' },
      words: { en: { label: 'Room' } },
    });
    const customer = await good('POST', '/parties', { name: 'Hotel' });
    const made = await good('POST', '/cases', { subject: 'Leak', customer: customer.id, xRoom: 'Attic seven' });
    expect(JSON.stringify(await good('GET', '/search?q=attic'))).toContain(String(made.id));
    await good('PATCH', '/catalogue/objects/case/fields/xRoom', { words: { en: { label: 'Chamber' }, de: { label: 'Zimmer' } } });
    expect(await good('GET', `/cases/${made.id}`)).toMatchObject({ xRoom: 'Attic seven' });
    const edit = await ask('PATCH', `/cases/${made.id}`, { xRoom: 'Attic eight' });
    await good('PATCH', '/catalogue/objects/case/fields/xRoom', { retired: true });
    expect(await good('GET', `/cases/${made.id}`)).not.toHaveProperty('xRoom');
    const write = await ask('PATCH', `/cases/${made.id}`, { xRoom: 'Cellar' });
    expect([write.status, write.text]).toEqual([422, expect.stringContaining('retired')]);
    expect((await inside.ask('GET', '/api/openapi.json')).text).not.toContain('xRoom');
    // What was done before can still be taken back, and a filter that somebody saved goes on finding.
    await good('POST', `/causes/${String(edit.headers['perigon-cause'])}/undo`);
    expect(await good('POST', '/cases/query', { where: { field: 'xRoom', op: 'eq', value: 'attic seven' } })).toMatchObject({
      items: [{ id: made.id }],
    });
    await good('PATCH', '/catalogue/objects/case/fields/xRoom', { retired: false });
    expect(await good('GET', `/cases/${made.id}`)).toMatchObject({ xRoom: 'Attic seven' });
  });

  it('refuses what cannot hold, at its place, and leaves everything as it was', async () => {
    const { version } = (await good('GET', '/catalogue')) as { version: number };
    const wrong: [string, unknown, string][] = [
      ['/catalogue/objects/party/fields', { key: 'region', field: { type: 'text' }, words: { en: { label: 'Region' } } }, 'key'],
      ['/catalogue/objects/party/fields', { key: 'xTier', field: { type: 'text' }, words: { en: { label: 'Tier' } } }, 'key'],
      ['/catalogue/objects/party/fields', { field: { type: 'nonsense' }, words: { en: { label: 'A' } } }, 'field.type'],
      [
        '/catalogue/objects/party/fields',
        { field: { type: 'select', with: { options: [] } }, words: { en: { label: 'A' } } },
        'field.with.options',
      ],
      [
        '/catalogue/objects/party/fields',
        { field: { type: 'reference', with: { to: 'nowhere' } }, words: { en: { label: 'A' } } },
        'field.with.to',
      ],
      ['/catalogue/objects/party/fields', { field: { type: 'integer', default: 'x' }, words: { en: { label: 'A' } } }, 'field.default'],
      [
        '/catalogue/objects/party/fields',
        { field: { type: 'text', requiredWhen: { field: 'nope', op: 'isEmpty' } }, words: { en: { label: 'A' } } },
        'requiredWhen',
      ],
      [
        '/catalogue/objects/case/fields',
        { field: { type: 'text', requiredWhen: { field: 'customer.name', op: 'eq', value: 'x' } }, words: { en: { label: 'A' } } },
        'requiredWhen',
      ],
      ['/catalogue/objects/role/fields', { field: { type: 'text' }, words: { en: { label: 'A' } } }, ''],
    ];
    for (const [url, body, path] of wrong) {
      const answer = await ask('POST', url, body);
      expect(answer.status, answer.text).toBe(422);
      expect(
        (answer.body as { errors: { path: string }[] }).errors.map((one) => one.path),
        answer.text,
      ).toContain(path);
    }
    expect(await good('GET', '/catalogue')).toMatchObject({ version });
    expect(
      (await ask('POST', '/catalogue/objects/party/fields', { field: { type: 'text' }, words: { en: { label: 'A' } } }, rep)).status,
    ).toBe(403);
    expect((await ask('GET', '/catalogue', undefined, rep)).status).toBe(403);
  });

  it('is demanded only while a condition holds, by every door', async () => {
    await good('POST', '/catalogue/objects/case/fields', {
      key: 'xCulprit',
      field: { type: 'text', requiredWhen: { field: 'priority', op: 'eq', value: 'urgent' } },
      words: { en: { label: 'Culprit' } },
    });
    const customer = await good('POST', '/parties', { name: 'Bank' });
    const calm = await good('POST', '/cases', { subject: 'Calm', customer: customer.id, priority: 'low' });
    const hot = await ask('POST', '/cases', { subject: 'Hot', customer: customer.id, priority: 'urgent' });
    expect((hot.body as { errors: unknown[] }).errors).toEqual([expect.objectContaining({ path: 'xCulprit', code: 'required' })]);
    expect((await ask('PATCH', `/cases/${calm.id}`, { priority: 'urgent' })).status).toBe(422);
    await good('PATCH', `/cases/${calm.id}`, { priority: 'urgent', xCulprit: 'The cat' });
    expect((await ask('PATCH', `/cases/${calm.id}`, { xCulprit: null })).status).toBe(422);
    const batch = await good('POST', '/cases/batch', {
      operations: [{ op: 'create', values: { subject: 'B', customer: customer.id, priority: 'urgent' } }],
      partial: true,
    });
    expect(JSON.stringify(batch)).toContain('xCulprit');
  });

  it('has options that come, change order and go, while records keep what they hold', async () => {
    const made = await good('POST', '/parties', { name: 'Holder', xTier: 'silver' });
    const lost = await ask('PATCH', '/catalogue/objects/party/fields/xTier', { options: [{ key: 'gold' }] });
    expect((lost.body as { errors: { path: string }[] }).errors[0]?.path).toBe('options');
    await good('PATCH', '/catalogue/objects/party/fields/xTier', {
      options: [{ key: 'bronze' }, { key: 'silver', retired: true }, { key: 'gold' }],
    });
    expect((await ask('POST', '/parties', { name: 'New', xTier: 'silver' })).status).toBe(422);
    await good('POST', '/parties', { name: 'New', xTier: 'bronze' });
    await good('PATCH', `/parties/${made.id}`, { name: 'Holder II', xTier: 'silver' });
    expect(await good('GET', `/parties/${made.id}`)).toMatchObject({ xTier: 'silver' });
    const page = (await good('POST', '/parties/query', { where: { field: 'xTier', op: 'isNotEmpty' }, sort: ['xTier'] })) as {
      items: { xTier: string }[];
    };
    expect(page.items.map(({ xTier }) => xTier)).toEqual(['bronze', 'silver', 'gold']);
    const declared = await ask('PATCH', '/catalogue/objects/case/fields/status', { options: [{ key: 'xWaiting' }] });
    expect(declared.status).toBe(422);
  });

  it('has further options where it is one of Perigon that no rule knows by name, on every surface', async () => {
    const { model } = await inside.ctx();
    const open = [...model.objects.values()].flatMap((object) =>
      object.declared.filter((field) => field.with.open === true).map((field) => ({ object, field })),
    );
    expect(open.map(({ object, field }) => `${object.key}.${field.key}`).sort()).toEqual([
      'asset.status',
      'case.channel',
      'consent.purpose',
      'dealContact.role',
      'fact.kind',
      'interaction.purpose',
      'lead.source',
      'party.industry',
      'party.lifecycleStage',
      'party.roles',
      'payment.method',
      'product.kind',
    ]);
    const customer = await good('POST', '/parties', { name: 'Olive Press' });
    const deal = await good('POST', '/opportunities', { name: 'A press', customer: customer.id });
    const others: Record<string, Record<string, unknown>> = {
      asset: { serial: 'S-1', name: 'Press', party: customer.id },
      case: { subject: 'It stops', customer: customer.id },
      consent: { party: customer.id, at: '2026-01-01T10:00:00Z', wording: 'May we write to you?' },
      dealContact: { opportunity: deal.id, contact: customer.id },
      fact: { text: 'Opens late', party: customer.id },
      interaction: { party: customer.id, at: '2026-01-01T10:00:00Z', channel: 'phone' },
      lead: { name: 'A mill', party: customer.id },
      party: { name: 'Olive Mill' },
      payment: { number: 'P-1', customer: customer.id, amount: { amount: '5', currency: 'EUR' }, date: '2026-01-01' },
      product: { name: 'Oil' },
    };
    for (const { object, field } of open) {
      const given = (field.with.options as { key: string }[]).map(({ key }) => ({ key }));
      const words = { en: { options: { xOlive: 'Olive' } }, de: { options: { xOlive: 'Olivgrün' } } };
      await good('PATCH', `/catalogue/objects/${object.key}/fields/${field.key}`, { options: [...given, { key: 'xOlive' }], words });
      const list = field.type === 'multiSelect';
      const own = Object.fromEntries(Object.entries(others[object.key] ?? {}).filter(([key]) => object.fields.has(key)));
      const made = await good('POST', `/${object.plural}`, { ...own, [field.key]: list ? ['xOlive'] : 'xOlive' });
      expect((await good('GET', `/${object.plural}/${made.id}`))[field.key]).toEqual(list ? ['xOlive'] : 'xOlive');
      const where = list ? { field: field.key, op: 'contains', value: 'xOlive' } : { field: field.key, op: 'in', value: ['xOlive'] };
      const found = (await good('POST', `/${object.plural}/query`, { where })) as { items: { id: string }[] };
      expect(found.items.map(({ id }) => id)).toEqual([made.id]);
      expect(JSON.stringify(await good('GET', `/${object.plural}/${made.id}/history`))).toContain('xOlive');
      expect(JSON.stringify(await good('GET', '/meta'))).toContain(`"${object.key}.options.${field.key}.xOlive":"Olivgrün"`);
    }
    expect((await inside.ask('GET', '/api/openapi.json')).text).toContain('xOlive');
    // In the 360° view and the timeline beside the declared ones.
    expect(JSON.stringify(await good('GET', `/parties/${customer.id}/timeline`))).toContain('xOlive');
    expect(JSON.stringify(await good('GET', `/parties/${customer.id}/overview`))).toContain('xOlive');
    // A file may say it in any of its languages.
    const ctx = await inside.ctx();
    for (const { object, field } of open) {
      const now = ctx.model.object(object.key).fields.get(field.key) ?? field;
      expect(typeOf(now).fromText('olivgrün', now, ctx.env)).toEqual(field.type === 'multiSelect' ? ['xOlive'] : 'xOlive');
    }
    await ask('DELETE', `/opportunities/${deal.id}`);
  });

  it('leaves a trace of who did what, and can be taken back', async () => {
    await good('POST', '/catalogue/objects/task/fields', { key: 'xMood', field: { type: 'text' }, words: { en: { label: 'Mood' } } });
    await good('PATCH', '/catalogue/objects/task/fields/xMood', { words: { en: { label: 'Spirit' } } });
    const { items } = (await good('GET', '/catalogue/changes')) as {
      items: { version: number; actor: { name: string }; edits: { path: string }[] }[];
    };
    expect(items[0]).toMatchObject({ actor: { name: 'Ana Admin' }, edits: [{ path: 'field task.xMood' }] });
    const [renamed, created] = items;
    expect((await ask('POST', `/catalogue/changes/${created?.version}/undo`)).status).toBe(409);
    await good('POST', `/catalogue/changes/${renamed?.version}/undo`);
    expect(JSON.stringify(await good('GET', '/meta'))).toContain('"task.fields.xMood":"Mood"');
    await good('POST', `/catalogue/changes/${created?.version}/undo`);
    expect(JSON.stringify(await good('GET', '/catalogue'))).toMatch(/"key":"xMood"[^}]*\}?[^}]*"retired":true/);
  });
});

describe('an object of the company', () => {
  it('has addresses, search, 360° view, timeline, access, import, export and undo from the moment it is made', async () => {
    const customer = await good('POST', '/parties', { name: 'Builder' });
    const made = await good('POST', '/catalogue/objects', {
      icon: 'git-branch',
      words: { en: { name: 'Project', plural: 'Projects' }, de: { name: 'Projekt', plural: 'Projekte' } },
      party: true,
      owner: true,
    });
    expect(made.object).toMatchObject({ key: 'xProject', plural: 'xProjects', title: 'xName', party: 'xCustomer' });
    await good('POST', '/catalogue/objects/xProject/fields', {
      field: { type: 'select', with: { options: [{ key: 'planned', color: '3' }, { key: 'running' }] }, default: 'planned' },
      words: {
        en: { label: 'State', options: { planned: 'Planned', running: 'Running' } },
        de: { label: 'Stand', options: { planned: 'Geplant' } },
      },
    });
    await good('POST', '/catalogue/objects/xProject/fields', {
      key: 'xCase',
      field: { type: 'reference', with: { to: 'case', inverse: 'xProjects' } },
      words: { en: { label: 'Case', inverse: 'Projects' } },
    });
    const one = await good('POST', '/cases', { subject: 'Crack', customer: customer.id });
    const project = await good('POST', '/xProjects', { xName: 'Zeppelin hangar', xCustomer: customer.id, xCase: one.id });
    expect(project).toMatchObject({ xState: 'planned', xOwner: { name: 'Ana Admin' }, xCase: { id: one.id, name: 'Crack' } });
    expect(await good('GET', `/cases/${one.id}?fields=xProjects`)).toMatchObject({ xProjects: { count: 1 } });
    expect(await good('POST', '/parties/query', { where: { field: 'name', op: 'eq', value: 'Builder' } })).toMatchObject({
      items: [{ id: customer.id }],
    });
    expect(await good('POST', '/cases/query', { where: { count: 'xProjects', gte: 1 } })).toMatchObject({ items: [{ id: one.id }] });
    expect(JSON.stringify(await good('GET', '/search?q=zeppel'))).toContain(String(project.id));
    const overview = JSON.stringify(await good('GET', `/parties/${customer.id}/overview`));
    expect(overview).toContain('"object":"xProject"');
    expect(overview).toContain('Zeppelin hangar');
    expect(JSON.stringify(await good('GET', `/parties/${customer.id}/timeline`))).toContain(String(project.id));
    expect((await inside.ask('GET', '/api/openapi.json')).text).toContain('/api/v1/xProjects/{id}');

    // Nobody but an administrator reaches it until a role grants it; then under the scopes of any other object.
    expect((await ask('GET', '/xProjects', undefined, rep)).status).toBe(404);
    const roles = (await good('GET', '/roles?key=salesRep')) as { items: { id: string; rights: { objects: object } }[] };
    const role = roles.items[0];
    await good('PATCH', `/roles/${role?.id}`, {
      rights: { ...role?.rights, objects: { ...role?.rights.objects, xProject: { create: 'own', read: 'own', update: 'own' } } },
    });
    await expect.poll(async () => (await ask('GET', '/xProjects', undefined, rep)).status, { timeout: 10_000 }).toBe(200);
    expect((await ask('GET', '/xProjects', undefined, rep)).body).toMatchObject({ items: [] });
    expect((await ask('GET', `/xProjects/${project.id}`, undefined, rep)).status).toBe(404);
    const theirs = await ask('POST', '/parties', { name: 'Of the rep' }, rep);
    const own = await ask('POST', '/xProjects', { xName: 'Mine', xCustomer: (theirs.body as { id: string }).id }, rep);
    expect(own.status, own.text).toBe(201);
    expect((await ask('GET', '/xProjects', undefined, rep)).body).toMatchObject({ items: [{ xName: 'Mine' }] });

    const csv = (await inside.ask('GET', '/api/v1/xProjects/export?format=csv', { key: admin })).text;
    expect(csv).toContain('Zeppelin hangar');
    const gone = await ask('DELETE', `/xProjects/${project.id}`);
    expect((await ask('GET', `/xProjects/${project.id}`)).status).toBe(404);
    await good('POST', `/causes/${String(gone.headers['perigon-cause'])}/undo`);

    await good('PATCH', '/catalogue/objects/xProject', { retired: true });
    expect((await ask('POST', '/xProjects', { xName: 'Late', xCustomer: customer.id })).status).toBe(403);
    expect(await good('GET', `/xProjects/${project.id}`)).toMatchObject({ xName: 'Zeppelin hangar' });
    expect(JSON.stringify(await good('GET', '/search?q=zeppel'))).not.toContain(String(project.id));
    expect(JSON.stringify(await good('GET', `/parties/${customer.id}/overview`))).not.toContain('Zeppelin hangar');
    await good('PATCH', '/catalogue/objects/xProject', { retired: false, words: { en: { name: 'Venture', plural: 'Ventures' } } });
    expect(JSON.stringify(await good('GET', '/search?q=zeppel'))).toContain(String(project.id));
    await good('PATCH', `/xProjects/${project.id}`, { xState: 'running' });
  });

  it('takes a file whose columns are called as the company calls its fields', async () => {
    const form = new FormData();
    form.append('file', new Blob(['Projektname,Stand\nBrücke,Geplant\n'], { type: 'text/csv' }), 'Projekte.csv');
    const base = await inside.product.http.listen({ host: '127.0.0.1', port: 0 });
    await good('POST', '/catalogue/objects', {
      words: { en: { name: 'Plan', plural: 'Plans' } },
      title: { words: { de: { label: 'Projektname' } } },
    });
    await good('POST', '/catalogue/objects/xPlan/fields', {
      key: 'xState',
      field: { type: 'select', with: { options: [{ key: 'planned' }, { key: 'running' }] } },
      words: { de: { label: 'Stand', options: { planned: 'Geplant', running: 'Läuft' } } },
    });
    form.append('object', 'xPlan');
    const started = await fetch(`${base}/api/v1/imports`, { method: 'POST', body: form, headers: { authorization: `Bearer ${admin}` } });
    const { id } = (await started.json()) as { id: string };
    await expect.poll(async () => (await good('GET', `/imports/${id}`)).state, { timeout: 20_000 }).toBe('done');
    expect(await good('GET', '/xPlans')).toMatchObject({ items: [{ xName: 'Brücke', xState: 'planned' }] });
  });
});

describe('a formula of the company', () => {
  const tried = (expression: string, object = 'opportunity') =>
    good('POST', `/catalogue/objects/${object}/formula`, { expression }) as Promise<{
      type: string | null;
      steady: boolean;
      problem: { code: string; start: number; end: number; values: Record<string, string> } | null;
      samples: { name: string; value: unknown }[];
    }>;

  it('is tried before it is made: its type, its value for the latest records, what is wrong and where', async () => {
    const party = await good('POST', '/parties', { name: 'Formula Ltd' });
    for (const [name, amount] of [
      ['First', '100'],
      ['Second', '250.40'],
    ])
      await good('POST', '/opportunities', { name, customer: party.id, amount: { amount, currency: 'EUR' }, probability: 0.5 });
    expect(await tried('amount * 2')).toMatchObject({
      type: 'money',
      steady: true,
      problem: null,
      samples: [
        { name: 'Second', value: { amount: '500.80', currency: 'EUR' } },
        { name: 'First', value: { amount: '200.00', currency: 'EUR' } },
      ],
    });
    expect(await tried('customer.name + "!"')).toMatchObject({ type: 'text', steady: false, samples: [{ value: 'Formula Ltd!' }, {}] });
    expect(await tried('amount * stage.probabilty')).toMatchObject({ type: null, problem: { code: 'unknownField', start: 9, end: 25 } });
    expect((await ask('POST', '/catalogue/objects/opportunity/formula', { expression: 'name' }, rep)).status).toBe(403);
  });

  it('is a field on every surface at once, with an index; another expression of the same type takes its place', async () => {
    const made = await good('POST', '/catalogue/objects/opportunity/fields', {
      key: 'xNet',
      field: { type: 'formula', with: { expression: 'amount * 0.81' }, index: true },
      words: { en: { label: 'Net' }, de: { label: 'Netto' } },
    });
    expect(JSON.stringify(made.object)).toContain('"expression":"amount * 0.81"');
    const list = await good('GET', '/opportunities?sort=-xNet&fields=name,xNet&xNet[gt]=50');
    expect(list.items).toMatchObject([{ name: 'Second', xNet: { amount: '202.824', currency: 'EUR' } }, { name: 'First' }]);
    const indexed = async (text: string) => {
      const ctx = await inside.ctx();
      for (let i = 0; i < 200; i++) {
        const rows = await ctx.db.query<{ def: string }>(
          `select pg_get_indexdef(i.indexrelid) as def from pg_index i where i.indrelid = 'opportunities'::regclass and i.indisvalid`,
          [],
        );
        const { objects } = (await good('GET', '/catalogue')) as {
          objects: { key: string; fields: { key: string; building: boolean }[] }[];
        };
        const field = objects.find(({ key }) => key === 'opportunity')?.fields.find(({ key }) => key === 'xNet');
        if (rows.some(({ def }) => def.includes(text)) && field?.building === false) return true;
        await new Promise((done) => setTimeout(done, 50));
      }
      return false;
    };
    expect(await indexed('0.81')).toBe(true);
    const changed = await good('PATCH', '/catalogue/objects/opportunity/fields/xNet', { expression: 'amount * 0.79' });
    expect(JSON.stringify(changed.object)).toContain('amount * 0.79');
    expect((await good('GET', '/opportunities?sort=-xNet&fields=xNet&limit=1')).items).toMatchObject([{ xNet: { amount: '197.816' } }]);
    expect(await indexed('0.79')).toBe(true);
    const refused = await ask('PATCH', '/catalogue/objects/opportunity/fields/xNet', { expression: 'name' });
    expect([refused.status, (refused.body as { errors: { path: string }[] }).errors[0]?.path]).toEqual([422, 'expression']);
    expect((await ask('PATCH', '/catalogue/objects/opportunity/fields/weightedAmount', { expression: 'amount' })).status).toBe(422);
    expect((await ask('PATCH', '/catalogue/objects/opportunity/fields/name', { expression: 'amount' })).status).toBe(422);
  });

  it('refuses what cannot be: faults at their place, circles, an index over what moves, demands', async () => {
    const fault = async (field: object, key = 'xWrong') => {
      const answer = await ask('POST', '/catalogue/objects/opportunity/fields', { key, field, words: { en: { label: key } } });
      const [first] = (answer.body as { errors?: { path: string; code: string }[] }).errors ?? [];
      return [answer.status, first?.path, first?.code];
    };
    const formula = (expression: string, more: object = {}) => ({ type: 'formula', with: { expression }, ...more });
    expect(await fault(formula('amount +'))).toEqual([422, 'field.with.expression', 'formula.syntax']);
    expect(await fault(formula('xWrong + 1'))).toEqual([422, 'field.with.expression', 'formula.unknownField']);
    expect(await fault(formula('today() - closeDate', { index: true }))).toEqual([422, 'field.index', 'formula.notSupported']);
    expect(await fault(formula('amount', { required: true }))).toEqual([422, 'field.required', 'type']);
    expect(await fault(formula('amount', { unique: true }))).toEqual([422, 'field.unique', 'type']);
    await good('POST', '/catalogue/objects/opportunity/fields', { key: 'xA', field: formula('amount * 2'), words: { en: { label: 'A' } } });
    await good('POST', '/catalogue/objects/opportunity/fields', { key: 'xB', field: formula('xA * 2'), words: { en: { label: 'B' } } });
    const circle = await ask('PATCH', '/catalogue/objects/opportunity/fields/xA', { expression: 'xB * 2' });
    expect(circle.status).toBe(422);
    expect(circle.text).toContain('opportunity.xA → opportunity.xB → opportunity.xA');
  });

  it('keeps the fields that it reads from being retired, by hand and by taking a change back', async () => {
    const plain = await good('POST', '/catalogue/objects/opportunity/fields', {
      key: 'xCosts',
      field: { type: 'money', with: {} },
      words: { en: { label: 'Costs' } },
    });
    await good('POST', '/catalogue/objects/opportunity/fields', {
      key: 'xMargin',
      field: { type: 'formula', with: { expression: 'amount - xCosts' } },
      words: { en: { label: 'Margin' } },
    });
    const refused = await ask('PATCH', '/catalogue/objects/opportunity/fields/xCosts', { retired: true });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('opportunity.xMargin');
    expect((await ask('POST', `/catalogue/changes/${String(plain.version)}/undo`)).status).toBe(422);
    await good('PATCH', '/catalogue/objects/opportunity/fields/xMargin', { retired: true });
    await good('PATCH', '/catalogue/objects/opportunity/fields/xCosts', { retired: true });
    // It cannot come back before what it reads.
    expect((await ask('PATCH', '/catalogue/objects/opportunity/fields/xMargin', { retired: false })).status).toBe(422);
  });
});

describe('a formula of the company', () => {
  it('gives options of a select, shown, filtered and grouped as one; and converts by dated rates', async () => {
    const made = (key: string, more: object) =>
      ask('POST', '/catalogue/objects/task/fields', { key, field: { type: 'formula', with: more }, words: { en: { label: key } } });
    const mood = { expression: 'kind == "call" ? "high" : coalesce(subject, "low")', optionsOf: 'priority' };
    const field = await made('xUrgent', mood);
    expect(field.status, field.text).toBe(201);
    for (const [subject, kind] of [
      ['low', 'task'],
      ['nothing of it', 'task'],
      ['Ring', 'call'],
    ])
      await good('POST', '/tasks', { subject, kind });
    expect((await good('GET', '/tasks?xUrgent[in]=high,low&sort=-xUrgent&fields=subject,xUrgent')).items).toMatchObject([
      { subject: 'Ring', xUrgent: 'high' },
      { subject: 'low', xUrgent: 'low' },
    ]);
    const groups = await good('POST', '/tasks/aggregate', { groupBy: ['xUrgent'], measures: { n: { op: 'count' } } });
    expect(groups.rows).toEqual(expect.arrayContaining([{ xUrgent: 'high', n: 1 }]));
    expect((await ask('GET', '/tasks?xUrgent=unheard')).status).toBe(422);
    expect((await made('xWrong', { ...mood, expression: 'kind == "call" ? "hihg" : "low"' })).text).toContain('unknownOption');
    expect((await made('xWrong', { ...mood, expression: 'dueOn' })).text).toContain('outcome');
    const refused = await ask('PATCH', '/catalogue/objects/task/fields/xUrgent', { expression: '"medium"' });
    expect([refused.status, refused.text.includes('unknownOption')]).toEqual([422, true]);

    await good('POST', '/exchangeRates', { currency: 'CHF', date: '2026-01-01', rate: '1.25' });
    await good('POST', '/catalogue/objects/order/fields', {
      key: 'xFrancs',
      field: { type: 'formula', with: { expression: 'convert(total, "CHF")' } },
      words: { en: { label: 'Francs' } },
    });
    const indexed = { type: 'formula', index: true, with: { expression: 'convert(total, "CHF")' } };
    expect((await ask('POST', '/catalogue/objects/order/fields', { field: indexed, words: { en: { label: 'No' } } })).status).toBe(422);
    const party = await good('POST', '/parties', { name: 'Swiss' });
    for (const date of ['2025-12-31', '2026-01-02'])
      await good('POST', '/orders', { number: `CHF ${date}`, customer: party.id, date, total: { amount: '10', currency: 'EUR' } });
    // By the rate of the order's own day; before there was one, it is not known.
    expect((await good('GET', `/orders?customer=${String(party.id)}&sort=date&fields=number,xFrancs`)).items).toMatchObject([
      { number: 'CHF 2025-12-31', xFrancs: null },
      { number: 'CHF 2026-01-02', xFrancs: { amount: '8.00', currency: 'CHF' } },
    ]);
  });
});

describe('a roll-up of the company', () => {
  it('is reckoned for the records that are there, kept from then on, sorted, filtered, and read by formulas', async () => {
    const [busy, idle] = [await good('POST', '/parties', { name: 'Busy' }), await good('POST', '/parties', { name: 'Idle' })];
    for (const amount of ['10', '20.50'])
      await good('POST', '/opportunities', { name: 'Rolled', customer: busy.id, amount: { amount, currency: 'EUR' } });
    const over = (key: string, more: object) =>
      good('POST', '/catalogue/objects/party/fields', {
        key,
        field: { type: 'rollUp', with: { over: 'opportunities', ...more }, index: true },
        words: { en: { label: key } },
      });
    await over('xDeals', { op: 'count', where: { field: 'name', op: 'eq', value: 'Rolled' } });
    await over('xWorth', { op: 'sum', field: 'amount' });
    const ready = async () => {
      const { objects } = (await good('GET', '/catalogue')) as {
        objects: { key: string; fields: { key: string; building: boolean; reckoned?: string }[] }[];
      };
      const fields = objects.find(({ key }) => key === 'party')?.fields.filter(({ key }) => ['xDeals', 'xWorth'].includes(key)) ?? [];
      expect(fields.map(({ reckoned }) => reckoned)).toEqual(['rollUp', 'rollUp']);
      return fields.every(({ building }) => !building);
    };
    expect(await ready()).toBe(false);
    expect((await ask('GET', '/parties?sort=-xDeals')).status).toBe(422);
    for (let i = 0; i < 1200 && !(await ready()); i++) await new Promise((done) => setTimeout(done, 50));
    const shown = async (id: unknown) => {
      const { xDeals, xWorth } = await good('GET', `/parties/${String(id)}`);
      return { xDeals, xWorth };
    };
    // They follow the log, which waits for writers that are under way.
    const patient = { timeout: 30_000 };
    await expect.poll(() => shown(busy.id), patient).toEqual({ xDeals: 2, xWorth: { amount: '30.50', currency: 'EUR' } });
    await expect.poll(() => shown(idle.id), patient).toEqual({ xDeals: 0, xWorth: { amount: '0.00', currency: 'EUR' } });
    await good('POST', '/opportunities', { name: 'Rolled', customer: idle.id, amount: { amount: '5', currency: 'EUR' } });
    await expect.poll(() => shown(idle.id), patient).toEqual({ xDeals: 1, xWorth: { amount: '5.00', currency: 'EUR' } });
    await good('POST', '/catalogue/objects/party/fields', {
      key: 'xMean',
      field: { type: 'formula', with: { expression: 'xWorth / xDeals' } },
      words: { en: { label: 'Mean' } },
    });
    expect((await good('GET', '/parties?sort=-xWorth&fields=name,xMean&xDeals[gte]=1')).items).toMatchObject([
      { name: 'Busy', xMean: { amount: '15.25', currency: 'EUR' } },
      { name: 'Idle', xMean: { amount: '5.00' } },
    ]);
  });

  it('is changed: shown as being reckoned until it is reckoned anew, and as before once that is taken back', async () => {
    const party = await good('POST', '/parties', { name: 'Turned' });
    for (const amount of ['10', '30', '500'])
      await good('POST', '/opportunities', {
        name: amount === '500' ? 'Left' : 'Kept',
        customer: party.id,
        amount: { amount, currency: 'EUR' },
      });
    const kept = { over: 'opportunities', op: 'sum', field: 'amount', where: { field: 'name', op: 'eq', value: 'Kept' } };
    const path = '/catalogue/objects/party/fields';
    await good('POST', path, { key: 'xTurned', field: { type: 'rollUp', with: kept, index: true }, words: { en: { label: 'Turned' } } });
    const state = async () => {
      const { objects } = (await good('GET', '/catalogue')) as {
        objects: { key: string; fields: { key: string; building: boolean; rollUp?: unknown }[] }[];
      };
      return objects.find(({ key }) => key === 'party')?.fields.find(({ key }) => key === 'xTurned');
    };
    const ready = async (amount: string) => {
      for (let i = 0; i < 1200 && (await state())?.building; i++) await new Promise((done) => setTimeout(done, 50));
      await expect
        .poll(async () => (await good('GET', `/parties/${String(party.id)}`)).xTurned, { timeout: 30_000 })
        .toEqual({ amount, currency: 'EUR' });
    };
    await ready('40.00');
    const change = (rollUp: object) => ask('PATCH', `${path}/xTurned`, { rollUp });
    const changed = await change({ over: 'opportunities', op: 'max', field: 'amount' });
    expect(changed.status, changed.text).toBe(200);
    expect(await state()).toMatchObject({ building: true, rollUp: { op: 'max' } });
    expect((await ask('GET', '/parties?sort=-xTurned')).status).toBe(422);
    await ready('500.00');
    // Changed again before it is ready: what is shown then is the last word.
    await change({ ...kept, op: 'min' });
    await change({ ...kept, op: 'max' });
    await ready('30.00');
    expect((await good('GET', '/parties?sort=-xTurned&fields=name&limit=1')).items).toMatchObject([{ name: 'Turned' }]);
    const { items } = (await good('GET', '/catalogue/changes?limit=10')) as unknown as { items: { version: number }[] };
    // The last three changes were this field's; back to how it began.
    for (const { version } of items.slice(0, 3)) await good('POST', `/catalogue/changes/${version}/undo`);
    await ready('40.00');
    await good('POST', '/opportunities', { name: 'Kept', customer: party.id, amount: { amount: '2', currency: 'EUR' } });
    await good('POST', '/opportunities', { name: 'Left', customer: party.id, amount: { amount: '2', currency: 'EUR' } });
    const summed = async () => ((await good('GET', `/parties/${String(party.id)}`)).xTurned as { amount: string }).amount;
    await expect.poll(summed).toBe('42.00');
    const refusal = async (rollUp: object) => {
      const answer = await change(rollUp);
      expect(answer.status, answer.text).toBe(422);
      return answer.text;
    };
    expect(await refusal({ over: 'opportunities', op: 'count' })).toContain('make another field');
    expect(await refusal({ ...kept, over: 'nothing' })).toContain('no to-many field');
    expect(await refusal({ ...kept, where: { field: 'closeDate', op: 'lt', value: 'today' } })).toContain('moves with the clock');
    expect((await ask('PATCH', `${path}/openCases`, { rollUp: kept })).status).toBe(422);
  });

  it('over an object of the company’s own, on one that had no figures before', async () => {
    await good('POST', '/catalogue/objects', { key: 'xSite', plural: 'xSites', words: { en: { name: 'Site', plural: 'Sites' } } });
    await good('POST', '/catalogue/objects/xSite/fields', {
      key: 'xProduct',
      field: { type: 'reference', with: { to: 'product', inverse: 'xSites' } },
      words: { en: { label: 'Product', inverse: 'Sites' } },
    });
    const product = await good('POST', '/products', { name: 'Pump', sku: 'P-1' });
    await good('POST', '/xSites', { xName: 'North', xProduct: product.id });
    await good('POST', '/catalogue/objects/product/fields', {
      key: 'xUsed',
      field: { type: 'rollUp', with: { over: 'xSites', op: 'count' } },
      words: { en: { label: 'Used at' } },
    });
    const later = await good('POST', '/products', { name: 'Made meanwhile', sku: 'P-2' });
    const used = async (id: unknown) => (await good('GET', `/products/${String(id)}`)).xUsed;
    for (let i = 0; i < 400 && (await used(product.id)) !== 1; i++) await new Promise((done) => setTimeout(done, 50));
    expect([await used(product.id), await used(later.id)]).toEqual([1, 0]);
    expect((await good('GET', '/products?sort=-xUsed,name&fields=name,xUsed&xUsed[lte]=1&limit=1')).items).toMatchObject([
      { name: 'Pump' },
    ]);
  });

  it('refuses what cannot be kept', async () => {
    const fault = async (more: object) => {
      const answer = await ask('POST', '/catalogue/objects/party/fields', {
        key: 'xWrong',
        field: { type: 'rollUp', with: { over: 'opportunities', op: 'count', ...more } },
        words: { en: { label: 'Wrong' } },
      });
      expect(answer.status, answer.text).toBe(422);
      return answer.text;
    };
    expect(await fault({ where: { field: 'closeDate', op: 'lt', value: 'today' } })).toContain('moves with the clock');
    expect(await fault({ over: 'nothing' })).toContain('no to-many field');
    expect(await fault({ op: 'sum', field: 'name' })).toContain('does not apply');
    expect(await fault({ op: 'sum', field: 'weightedAmount' })).toContain('cannot read the formula');
    expect(await fault({ where: { field: 'nosuch', op: 'eq', value: 1 } })).toContain('nosuch');
  });
});
