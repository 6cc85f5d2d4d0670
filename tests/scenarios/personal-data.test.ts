import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
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
  let status: Record<string, unknown> = {};
  await expect
    .poll(
      async () => {
        status = await good('GET', `/jobs/${job}`);
        return status.state;
      },
      { timeout: 20_000 },
    )
    .toBe('done');
  return status.result as Record<string, unknown>;
}

interface World {
  person: string;
  double: string;
  employer: string;
  invoice: string;
  file: string;
}

/** A person of whom everything says the word, with all that may hang on one. */
async function world(word: string): Promise<World> {
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
    number: `O-${word.length}-1`,
    customer: person,
    date: '2026-01-01',
    total: { amount: '119.00', currency: 'EUR' },
  });
  const invoice = await made('invoices', {
    number: `I-${word.length}-1`,
    customer: person,
    order,
    date: '2026-01-02',
    status: 'issued',
    total: { amount: '119.00', currency: 'EUR' },
    balance: { amount: '19.00', currency: 'EUR' },
  });
  await made('payments', {
    number: `Z-${word.length}-1`,
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
