import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { readArchive } from '#engine/backup/archive.ts';
import { writeBackup } from '#engine/backup/backup.ts';
import { openFileStore } from '#engine/files/store.ts';
import { importJobId, importStatus, startImport, uploadPath } from '#engine/import/imports.ts';
import { followJob } from '#engine/jobs/jobs.ts';
import { readStructure } from '#engine/store/structure.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { readZip } from '#tests/harness/zip.ts';

/** All that is held about a person: told whole, and taken away whole. */
let inside: Inside;
let key: string;
let rep: string;

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  const user = await inside.product.addUser(ctx, {
    name: 'Rita Rep',
    email: 'rita@perigon.example',
    password: null,
    roles: ['salesManager'],
  });
  rep = (await createApiKey(ctx.db, { userId: user, name: 'rep' })).secret;
});
afterAll(() => inside.stop());

const good = async (method: string, url: string, body?: unknown): Promise<Record<string, unknown>> => {
  const answer = await inside.ask(method, `/api/v1${url}`, { key, body });
  expect(answer.status, `${method} ${url} ${answer.text}`).toBeLessThan(300);
  return answer.body as Record<string, unknown>;
};
const made = async (plural: string, values: Record<string, unknown>) => String((await good('POST', `/${plural}`, values)).id);

async function upload(name: string, bytes: Buffer): Promise<string> {
  const answer = await inside.product.http.inject({
    method: 'POST',
    url: `/api/v1/files?name=${encodeURIComponent(name)}`,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'text/plain' },
    payload: bytes,
  });
  expect(answer.statusCode, answer.body).toBe(201);
  return (answer.json() as { id: string }).id;
}

/** Waits for a job and gives its result. */
async function done(job: unknown): Promise<Record<string, unknown>> {
  const ended = await vi.waitUntil(
    async () => {
      const status = await good('GET', `/jobs/${job}`);
      return status.finishedAt === null ? null : status;
    },
    { timeout: 20_000 },
  );
  expect(ended).toMatchObject({ state: 'done' });
  return ended.result as Record<string, unknown>;
}

interface World {
  person: string;
  double: string;
  employer: string;
  invoice: string;
  file: string;
}

let series = 0;

/** A person of whom everything says the word, with all that may hang on one. */
async function world(word: string): Promise<World> {
  series++;
  const employer = await made('parties', { kind: 'organisation', name: 'Werft Nord' });
  const file = await upload(`${word}.txt`, Buffer.from(`what ${word} signed`));
  const point = (at: string) => [{ value: `${word}@${at}.example`, label: word }];
  const person = await made('parties', {
    kind: 'person',
    personName: { given: 'Ada', family: word },
    emails: point('home'),
    phones: ['+4940123456'],
    addresses: [{ street: `${word} Street 1`, city: word, country: 'DE' }],
    jobTitle: word,
    birthDate: '1980-02-03',
    tags: [word],
    description: `about ${word}`,
    website: `https://${word}.example`,
    files: [file],
    parent: employer,
    externalIds: [{ system: 'erp', value: word }],
  });
  const double = await made('parties', { kind: 'person', personName: { given: 'A.', family: word }, emails: point('work') });
  await made('notes', { subject: word, body: `<p>${word}</p>`, party: double });
  await good('POST', '/merges', { object: 'party', survivor: person, loser: double });
  await made('facts', { text: word, source: word, party: person });
  await made('tasks', { subject: word, description: word, party: person });
  await made('interactions', {
    party: person,
    at: '2026-01-01T10:00:00Z',
    channel: 'phone',
    subject: word,
    body: word,
    message: word,
    campaign: word,
    cost: { amount: '3.50', currency: 'EUR' },
  });
  await made('cases', { subject: word, description: word, solution: word, customer: person });
  await made('assets', { party: person, serial: word });
  await made('subscriptions', { name: word, party: person, startsOn: '2026-01-01' });
  await made('opportunities', { name: word, customer: person, amount: { amount: '1000.00', currency: 'EUR' } });
  await made('relationships', { from: person, to: employer, type: 'employedBy', comment: word });
  const order = await made('orders', {
    number: `O-${series}`,
    customer: person,
    date: '2026-01-01',
    total: { amount: '119.00', currency: 'EUR' },
  });
  const invoice = await made('invoices', {
    number: `I-${series}`,
    customer: person,
    order,
    date: '2026-01-02',
    status: 'issued',
    total: { amount: '119.00', currency: 'EUR' },
    balance: { amount: '19.00', currency: 'EUR' },
  });
  await made('payments', {
    number: `Z-${series}`,
    customer: person,
    invoice,
    date: '2026-01-03',
    amount: { amount: '100.00', currency: 'EUR' },
  });
  const deleted = await made('notes', { subject: `gone ${word}`, party: person });
  await good('DELETE', `/notes/${deleted}`);
  await good('PATCH', `/parties/${person}`, { description: `still about ${word}` });
  return { person, double, employer, invoice, file };
}

describe('an export of all that is held about a person', () => {
  it('tells everything: records, the trash, merged records, history with who and when, files; and stands in the register', async () => {
    const word = 'qvexport';
    const { person, double, employer } = await world(word);
    const { job } = await good('POST', '/personal-data/exports', { party: person });
    const result = await done(job);
    const answer = await inside.product.http.inject({
      method: 'GET',
      url: String(result.file),
      headers: { authorization: `Bearer ${key}` },
    });
    expect(answer.statusCode).toBe(200);
    const zip = readZip(answer.rawPayload);
    const json = (name: string) => JSON.parse(String(zip.get(name))) as Record<string, unknown>[] & Record<string, unknown>;
    for (const plural of ['notes', 'facts', 'tasks', 'interactions', 'cases', 'assets', 'subscriptions', 'opportunities', 'relationships'])
      expect(String(zip.get(`records/${plural}.json`)), plural).toContain(word);
    for (const plural of ['orders', 'invoices', 'payments', 'stageChanges']) expect(json(`records/${plural}.json`), plural).toHaveLength(1);
    expect(json('records/parties.json').map(({ id }) => id)).toEqual(expect.arrayContaining([person, double]));
    // What hung on the merged record, and what lies in the trash.
    expect(json('records/notes.json')).toHaveLength(2);
    const about = json('person.json');
    expect(about).toMatchObject({ party: person, knownAs: [person, double], withheld: [], exportedBy: 'Ana Admin' });
    expect(about.names).toMatchObject({ [employer]: 'Werft Nord' });
    expect(about.externalIds).toEqual([{ system: 'erp', value: word, record: person }]);
    expect(about.handling).toMatchObject([{ kind: 'export', by: 'Ana Admin', reason: 'request' }]);
    const change = json('history.json').find(({ id, action }) => id === person && action === 'update' && true);
    expect(change).toMatchObject({ object: 'party', actor: { name: 'Ana Admin' } });
    const [file] = about.files as { path: string }[];
    expect(String(zip.get(file?.path ?? ''))).toBe(`what ${word} signed`);
    expect(String(zip.get('summary.html'))).toContain(`Ada ${word}`);
    expect(String(zip.get('summary.html'))).not.toMatch(/<script|src=/);

    const register = await good('GET', `/personal-data?party=${person}`);
    expect(register.items).toMatchObject([
      { kind: 'export', party: person, actor: { name: 'Ana Admin' }, reason: 'request', job, details: { files: 1 } },
    ]);
  });

  it('is for administrators alone', async () => {
    const { person } = await world('qvother');
    const { job } = await good('POST', '/personal-data/exports', { party: person });
    const result = await done(job);
    for (const [method, url, body] of [
      ['POST', '/api/v1/personal-data/exports', { party: person }],
      ['GET', '/api/v1/personal-data', undefined],
      ['GET', String(result.file), undefined],
    ] as const)
      expect((await inside.ask(method, url, { key: rep, body })).status, url).toBe(403);
  });
});

/** Every table, and every file of the data folder, that says the word in any way of writing it. */
async function places(word: string): Promise<string[]> {
  const { db } = inside.product;
  const found: string[] = [];
  for (const { name, partitioned } of (await readStructure(db)).tables) {
    if (partitioned) continue;
    const rows = await db.query<{ x: string }>(`select left(x::text, 300) as x from "${name}" x where lower(x::text) like $1::text`, [
      `%${word}%`,
    ]);
    found.push(...rows.map(({ x }) => `${name}: ${x}`));
  }
  const folder = inside.product.dataFolder;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (path.includes(word) || (entry.isFile() && readFileSync(path).includes(word))) found.push(path);
  }
  return found;
}

/** Waits until all that follows the log is where it is. */
const calm = () =>
  vi.waitUntil(
    async () =>
      (
        await inside.product.db.query(
          'select 1 from search_followed union all select 1 from consumers where cursor < (select max(seq) from changes) union all select 1 from jobs where finished_at is null',
        )
      ).length === 0,
    { timeout: 20_000 },
  );

describe('an erasure', () => {
  const word = 'qverased';
  let one: World;
  const figures = async () => {
    const { db } = inside.product;
    await inside.figured();
    return {
      party: await db.query('select f.* from party_figures f where id = $1::uuid', [one.person]),
      sums: await db.query(
        `select (select sum(total) from invoices) as invoices, (select sum(amount) from payments) as payments, (select sum(total) from orders) as orders,
          (select sum(amount) from opportunities) as opportunities, (select count(*) from interactions) as interactions, (select count(*) from cases) as cases`,
      ),
    };
  };

  beforeAll(async () => {
    one = await world(word);
    // The word also stands where work leaves it: a bulk change, an import with a bad row, an export that waits to be fetched.
    const bulk = await good('POST', '/parties/bulk', {
      where: { field: 'id', op: 'eq', value: one.person },
      set: { description: `bulk ${word}` },
    });
    if (bulk.job ?? bulk.id) await done(bulk.job ?? bulk.id);
    await good('POST', '/personal-data/exports', { party: one.person }).then(({ job }) => done(job));
    const second = await upload('kept.txt', Buffer.from('kept elsewhere'));
    await good('PATCH', `/parties/${one.person}`, { files: [one.file, second] });
    await good('PATCH', `/parties/${one.employer}`, { files: [second] });
    await calm();
  });

  it('is previewed: what goes, what is emptied, what is kept', async () => {
    const preview = await good('POST', '/personal-data/erasures/preview', { party: one.person });
    expect(preview).toMatchObject({ name: `Ada ${word}`, files: 2, merged: 1 });
    const keys = (list: unknown) => (list as { object: string }[]).map(({ object }) => object).sort();
    expect(keys(preview.removed)).toEqual(['fact', 'note', 'relationship', 'task']);
    expect(keys(preview.kept)).toEqual(expect.arrayContaining(['invoice', 'order', 'payment']));
    expect(keys(preview.emptied)).toEqual(expect.arrayContaining(['case', 'interaction', 'opportunity']));
  });

  it('wants the name typed, and a person', async () => {
    const ask = (body: unknown) => inside.ask('POST', '/api/v1/personal-data/erasures', { key, body });
    expect((await ask({ party: one.person, name: 'Ada' })).status).toBe(422);
    expect((await ask({ party: one.employer, name: 'Werft Nord' })).status).toBe(422);
    expect(
      (await inside.ask('POST', '/api/v1/personal-data/erasures', { key: rep, body: { party: one.person, name: `Ada ${word}` } })).status,
    ).toBe(403);
  });

  it('leaves the word in no table, no file and no backup, and every sum as it was', async () => {
    const before = await figures();
    const created = await inside.product.db.query<{ cause: string }>(
      `select cause from changes where record_id = $1::uuid and action = 'update' order by seq limit 1`,
      [one.person],
    );
    expect((await places(word)).length).toBeGreaterThan(20);
    const { job } = await good('POST', '/personal-data/erasures', { party: one.person, name: `Ada ${word}` });
    expect(await done(job)).toMatchObject({ removed: { note: 2, fact: 1, task: 1, relationship: 1 }, files: 1 });
    await calm();
    expect(await places(word)).toEqual([]);
    expect(await figures()).toEqual(before);

    const path = join(inside.product.dataFolder, 'after.perigon');
    const report = await writeBackup({ db: inside.product.db, files: openFileStore(inside.product.dataFolder), path, version: '0.0.0' });
    expect(report.missing).toEqual([]);
    for await (const { name, body } of readArchive(path)) {
      const bytes = Buffer.concat(await body.toArray());
      expect(name.endsWith('.gz') ? gunzipSync(bytes).includes(word) : bytes.includes(word), name).toBe(false);
    }

    const person = await good('GET', `/parties/${one.person}`);
    expect(String(person.name)).toMatch(/^Erased person \d{4}-/);
    expect(person).toMatchObject({ personName: null, emails: null, phones: null, birthDate: null, parent: null });
    expect((await good('GET', `/invoices/${one.invoice}`)).customer).toMatchObject({ id: one.person });
    // A file that somebody else holds as well is still theirs.
    expect((await good('GET', `/parties/${one.employer}`)).files).toMatchObject([{ name: 'kept.txt' }]);

    // Nothing brings it back: not the undo of what wrote it, nor that of the erasure.
    await inside.ask('POST', `/api/v1/causes/${created[0]?.cause}/undo`, { key });
    const [erasure] = await inside.product.db.query<{ id: string }>(`select id from causes where kind = 'erasure'`);
    expect((await inside.ask('POST', `/api/v1/causes/${erasure?.id}/undo`, { key })).status).toBe(409);
    await calm();
    expect(await places(word)).toEqual([]);
  });

  it('is proved by a row that says who did it and when, and knows the person again', async () => {
    const { items } = (await good('GET', `/personal-data?party=${one.person}`)) as { items: Record<string, unknown>[] };
    expect(items[0]).toMatchObject({ kind: 'erasure', actor: { name: 'Ana Admin' }, reason: 'request' });
    const erasedOn = (value: string) => good('POST', '/personal-data/erased-before', { marks: [{ kind: 'email', value }] });
    expect((await erasedOn(`${word.toUpperCase()}@home.example`)).on).toMatch(/^\d{4}-/);
    expect((await erasedOn('nobody@home.example')).on).toBeNull();
  });

  it('is told of by an import whose rows bring the person back', async () => {
    const ctx = await inside.ctx();
    for (const dryRun of [true, false]) {
      const { token, path } = await uploadPath(inside.product.importPlace);
      writeFileSync(path, `Name,E-mail\nSomebody New,new@home.example\nBack Again,${word.toUpperCase()}@home.example\n`);
      const id = await startImport(ctx, inside.product.importPlace, { token, name: 'again.csv', object: 'party', mode: 'create', dryRun });
      await followJob(ctx, await importJobId(ctx, id));
      // The heading is the first row.
      expect(await importStatus(ctx, id)).toMatchObject({ created: 2, erased: 1, erasedRows: [3] });
    }
  });
});
