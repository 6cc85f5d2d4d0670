import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stampOf } from '#engine/access/public-guard.ts';
import { openVault } from '#engine/access/vault.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';
import { people, problems, type Row } from '#tests/harness/people.ts';

/** What everybody may send to a form, what becomes of it, and what attackers send. */
let inside: Inside;
const { users, enter, send, good } = people(() => inside);

let form: Row;
let admin: string;
let serial = 0;

beforeAll(async () => {
  inside = await insideProduct({});
  await enter({ rep: 'salesRep' });
  admin = users.admin ?? '';
  form = await make({});
});
afterAll(() => inside.stop());

const make = async (values: Record<string, unknown>): Promise<Row> => {
  const { id } = await good('POST', '/leadForms', {
    name: 'Ask for an offer',
    language: 'en',
    consentText: 'Write to me about grinders.',
    consentPurpose: 'marketing',
    sites: ['https://www.lind.example'],
    notified: [{ id: admin }],
    ...values,
  });
  return good('GET', `/leadForms/${id}`);
};
/** A stamp as old as the page that somebody filled in. */
const drawn = (ms = 60_000, of = form): string => stampOf(openVault(inside.product.dataFolder), of.id, new Date(Date.now() - ms));
const answer = (values: Record<string, string>, o: { of?: Row; headers?: Record<string, string>; json?: boolean } = {}) => {
  const of = o.of ?? form;
  const sent = { stamp: drawn(60_000, of), ...values };
  return inside.product.http.inject({
    method: 'POST',
    url: `/f/${String(of.slug)}`,
    // Each as somebody else, but where the calls of one are counted.
    remoteAddress: `10.0.${++serial >> 8}.${serial & 255}`,
    headers: { 'content-type': o.json ? 'application/json' : 'application/x-www-form-urlencoded', ...o.headers },
    payload: o.json ? JSON.stringify(sent) : new URLSearchParams(sent).toString(),
  });
};
const leadsOf = async (where: object): Promise<Row[]> =>
  (
    await good<{ items: Row[] }>('POST', '/leads/query', {
      where,
      fields: ['name', 'party', 'status', 'suspect', 'message', 'source', 'owner', 'form', 'budget'],
      limit: 100,
    })
  ).items;
const byEmail = (value: string): Promise<Row[]> => leadsOf({ field: 'party.emails', op: 'contains', value });
const partyOf = (lead: Row | undefined): string => (lead?.party as Row | undefined)?.id ?? '';
const countOf = async (outcome: string, of = form): Promise<number> =>
  (await good<{ items: { form: string; outcome: string; n: number }[] }>('GET', '/lead-forms/counts')).items.find(
    (row) => row.form === of.id && row.outcome === outcome,
  )?.n ?? 0;

describe('a form', () => {
  it('is a page that needs no script, framed by the sites it names alone', async () => {
    const page = await inside.ask('GET', `/f/${String(form.slug)}`);
    expect(page.status).toBe(200);
    expect(page.text).toContain('<form method="post"');
    expect(page.text).toContain('<label for="f-email">E-mail</label>');
    expect(String(page.headers['content-security-policy'])).toMatch(
      /default-src 'none'.*form-action 'self'.*frame-ancestors 'self' https:\/\/www\.lind\.example$/,
    );
    expect(page.headers['x-frame-options']).toBeUndefined();
    expect(page.headers['set-cookie']).toBeUndefined();
    const script = await inside.ask('GET', `/f/${String(form.slug)}.js`);
    expect(script.headers['content-type']).toMatch(/javascript/);
    expect(script.headers['cross-origin-resource-policy']).toBe('cross-origin');
    expect((await inside.ask('GET', '/f/never-was')).status).toBe(404);
    const off = await make({ name: 'Off', active: false });
    expect((await inside.ask('GET', `/f/${String(off.slug)}`)).text).toBe((await inside.ask('GET', '/f/never-was')).text);
  });

  it('is drawn so that it can be answered', async () => {
    const refused = async (values: object) => problems((await send('PATCH', `/leadForms/${form.id}`, values)).body);
    expect(await refused({ asks: [{ ask: 'name' }] })).toEqual([['asks', 'reach']]);
    expect(await refused({ asks: [{ ask: 'email' }, { ask: 'owner' }] })).toEqual([['asks.1', 'unknownField']]);
    expect(await refused({ sites: ['javascript:alert(1)'] })).toEqual([['sites', 'origin']]);
    expect(await refused({ sites: ["https://a.example 'unsafe-inline'"] })).toEqual([['sites', 'origin']]);
    expect(await refused({ redirect: 'http://plain.example' })).toEqual([['redirect', 'url']]);
    expect(await refused({ slug: '../x' })).toEqual([['slug', 'pattern']]);
    expect((await send('PATCH', `/leadForms/${form.id}`, { name: 'Mine' }, 'rep')).status).toBe(403);
  });

  it('makes a lead on a party that it makes, with the touch and the consent', async () => {
    const sent = { name: 'Ida Roth', company: 'Roth & Co', email: 'ida@roth.example', phone: '+49 40 5550101', message: 'Two grinders' };
    const thanks = await answer({ ...sent, consent: 'on' });
    expect(thanks.statusCode).toBe(200);
    expect(thanks.body).toContain('Thank you');
    const [lead, ...others] = await byEmail('ida@roth.example');
    expect(others).toEqual([]);
    expect(lead).toMatchObject({
      status: 'new',
      source: 'web',
      suspect: false,
      owner: null,
      message: 'Two grinders',
      form: { id: form.id },
    });
    const id = partyOf(lead);
    const party = await good('GET', `/parties/${id}`);
    expect(party).toMatchObject({ kind: 'person', name: 'Ida Roth', parent: { name: 'Roth & Co' }, roles: ['prospect'] });
    const touches = await good<{ items: Row[] }>('POST', '/interactions/query', {
      where: { field: 'party', op: 'eq', value: id },
      fields: ['channel', 'direction', 'body'],
    });
    expect(touches.items).toMatchObject([{ channel: 'web', direction: 'inbound', body: 'Two grinders' }]);
    const consents = await good<{ items: Row[] }>('POST', '/consents/query', {
      where: { field: 'party', op: 'eq', value: id },
      fields: ['decision', 'purpose', 'channel', 'how', 'wording', 'source'],
    });
    expect(consents.items).toMatchObject([
      { decision: 'given', purpose: 'marketing', channel: 'email', how: 'form', wording: 'Write to me about grinders.' },
    ]);
    expect(JSON.stringify(await good('GET', '/notices'))).toContain(lead?.id);
    // All of it was one act.
    const causes = await inside.product.db.query<{ n: number }>(
      'select count(distinct cause)::int as n from changes where party_id = $1::uuid',
      [id],
    );
    expect(causes[0]?.n).toBe(1);
  });

  it('finds whom it knows, changes nothing of them, and answers as for a stranger', async () => {
    const known = await good('POST', '/parties', { kind: 'person', name: 'Known One', emails: ['known@kn.example'], jobTitle: 'Buyer' });
    const before = await good('GET', `/parties/${known.id}`);
    const values = { name: 'Other Name', phone: '+49 40 777001', message: 'Hello', consent: 'on' };
    const first = await answer({ ...values, email: 'KNOWN@kn.example' });
    const stranger = await answer({ ...values, email: 'nobody@kn.example', phone: '+49 40 777002' });
    expect(first.body).toBe(stranger.body);
    expect(first.headers['content-length']).toBe(stranger.headers['content-length']);
    expect(await good('GET', `/parties/${known.id}`)).toMatchObject({ version: before.version, name: 'Known One', jobTitle: 'Buyer' });
    const [lead] = await leadsOf({ field: 'party', op: 'eq', value: known.id });
    expect(lead?.message).toBe(
      'Hello\n\n—\nName: Other Name\nE-mail: KNOWN@kn.example\nPhone: +49 40 777001\n✓ Write to me about grinders.',
    );
    // Who types a customer's address allows nothing in their name.
    const allowed = await good<{ items: Row[] }>('POST', '/consents/query', { where: { field: 'party', op: 'eq', value: known.id } });
    expect(allowed.items).toEqual([]);
    // Address and number of two customers name neither.
    const other = await good('POST', '/parties', { name: 'Second', phones: ['+49 40 777009'] });
    await answer({ name: 'Who', email: 'known@kn.example', phone: '+49 40 777009', message: 'Both' });
    expect(await leadsOf({ field: 'party', op: 'eq', value: other.id })).toEqual([]);
    expect(await leadsOf({ field: 'party', op: 'eq', value: known.id })).toHaveLength(1);
  });

  it('says at the lines what is wrong, and keeps what was typed', async () => {
    const page = await answer({ name: '"><script>alert(1)</script>', email: 'no address', message: 'Hi' });
    expect(page.statusCode).toBe(422);
    expect(page.body).toContain('href="#f-email"');
    expect(page.body).toContain('aria-describedby="f-email-e"');
    expect(page.body).not.toContain('<script>alert');
    expect(page.body).toContain('&quot;&gt;&lt;script&gt;alert(1)');
    const json = await answer({ message: 'x' }, { json: true });
    expect(JSON.parse(json.body)).toMatchObject({
      ok: false,
      errors: [
        { path: 'name', code: 'required' },
        { path: 'email', code: 'required' },
      ],
    });
  });

  it('is one lead when the same is sent twice, also at once', async () => {
    const twice = { name: 'Twice', email: 'twice@tw.example', message: 'Once is enough' };
    await Promise.all([answer(twice), answer(twice), answer(twice)]);
    await answer(twice);
    expect(await byEmail('twice@tw.example')).toHaveLength(1);
  });
});

describe('what robots and attackers send', () => {
  it('is thanked for and only counted where it surely is a robot', async () => {
    const before = await countOf('refused');
    const values = { name: 'Bot', email: 'bot@bot.example', message: 'Buy' };
    const thanks = await answer({ name: 'Real', email: 'real@bot.example', message: 'Hello' });
    const other = await make({ name: 'Another form' });
    const robots: Record<string, string>[] = [
      { website_url: 'https://x.example' },
      { stamp: 'forged' },
      { stamp: drawn(60_000, other) },
      { stamp: `${drawn()}AA` },
    ];
    for (const more of robots) {
      const answered = await answer({ ...values, ...more });
      expect(answered.statusCode).toBe(200);
      expect(answered.body).toBe(thanks.body);
    }
    expect(await byEmail('bot@bot.example')).toEqual([]);
    expect(await countOf('refused')).toBe(before + 4);
  });

  it('asks for it again when it came too early or too late', async () => {
    const values = { name: 'Quick', email: 'quick@q.example', message: 'Fast' };
    const early = await answer({ ...values, stamp: drawn(100) });
    expect([early.statusCode, early.body.includes('That was quick')]).toEqual([422, true]);
    const late = await answer({ ...values, stamp: drawn(25 * 3_600_000) });
    expect([late.statusCode, late.body.includes('more than a day')]).toEqual([422, true]);
    expect(await byEmail('quick@q.example')).toEqual([]);
  });

  it('keeps what is suspect apart, without consent and without telling anybody', async () => {
    await answer({ name: 'Ad', email: 'ad@ad.example', company: 'Ads R Us', message: 'http://a.x http://b.x http://c.x', consent: 'on' });
    const [lead] = await byEmail('ad@ad.example');
    expect(lead).toMatchObject({ suspect: true, status: 'new' });
    const consents = await good<{ items: Row[] }>('POST', '/consents/query', {
      where: { field: 'party', op: 'eq', value: partyOf(lead) },
    });
    expect(consents.items).toEqual([]);
    expect(JSON.stringify(await good('GET', '/notices'))).not.toContain(lead?.id);
    expect(await countOf('suspect')).toBe(1);
  });

  it('is refused where it is no form, too large, or from a page of another site', async () => {
    expect((await answer({ message: 'x'.repeat(70_000) })).statusCode).toBe(422);
    expect((await answer({ name: 'x' }, { headers: { 'content-type': 'text/plain' } })).statusCode).toBe(422);
    const foreign = await answer({ name: 'x', email: 'x@x.example' }, { headers: { origin: 'https://evil.example' } });
    expect(foreign.statusCode).toBe(403);
    const odd = await answer({ name: 'Zero\u0000\ud800 byte', email: 'zero@z.example', message: 'a'.repeat(4_990) });
    expect(odd.statusCode).toBe(200);
    expect(await byEmail('zero@z.example')).toHaveLength(1);
    const long = await answer({ name: 'Long', email: 'long@z.example', message: 'a'.repeat(5_001) });
    expect(long.statusCode).toBe(422);
  });

  it('is held to a pace', async () => {
    const of = await make({ name: 'Paced' });
    const call = (n: number) =>
      inside.product.http.inject({
        method: 'POST',
        url: `/f/${String(of.slug)}`,
        remoteAddress: '10.9.9.9',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        payload: new URLSearchParams({
          stamp: drawn(60_000, of),
          name: `N${n}`,
          email: `n${n}@pace.example`,
          message: String(n),
        }).toString(),
      });
    const codes: number[] = [];
    for (let n = 0; n < 21; n++) codes.push((await call(n)).statusCode);
    // At the turn of ten minutes the count begins anew.
    expect(codes.at(0)).toBe(200);
    expect(codes).toContain(429);
    const kept = await inside.product.db.query(`select 1 from public_calls where encode(door, 'escape') like $1::text`, ['%10.9.9.9%']);
    expect(kept).toEqual([]);
  });
});
