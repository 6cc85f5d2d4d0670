import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApiKey } from '#engine/access/sign-in.ts';
import { TAKEN_SQL, takenTimes } from '#modules/activities/taken-times.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/** What somebody has between two moments, asked of a range, is what reading every meeting of theirs would say, whatever is done to them. */
let inside: Inside;
let key = '';
const users: string[] = [];
const HOUR = 3_600_000;
// A week ahead, near enough for rows of meetings to be laid out as far.
const FROM = Math.ceil(Date.now() / 24 / HOUR) * 24 * HOUR + 40 * 24 * HOUR;
const UNTIL = FROM + 7 * 24 * HOUR;
const at = (hours: number): string => new Date(FROM + hours * HOUR).toISOString();

const good = async <T = { id: string }>(method: string, path: string, body?: unknown): Promise<{ body: T; cause: string }> => {
  const answer = await inside.ask(method, `/api/v1${path}`, { key, ...(body === undefined ? {} : { body }) });
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  return { body: answer.body as T, cause: String(answer.headers['perigon-cause'] ?? '') };
};
const meet = async (subject: string, values: object): Promise<string> => (await good('POST', '/meetings', { subject, ...values })).body.id;

/** By its definition: every meeting that somebody called or did not decline, each looked at. */
async function read(from: number, until: number): Promise<string[]> {
  const rows = await inside.product.db.query<{ line: string }>(
    `select u.name || ' ' || m.subject || ' ' || (extract(epoch from m.start) * 1000)::bigint || ' ' || (extract(epoch from m.end_) * 1000)::bigint as line
     from meetings m join users u on u.id = any($1::uuid[]) and (u.id = m.owner_id
       or exists (select 1 from meetings_colleagues l where l.from_id = m.id and l.to_id = u.id and l.role is distinct from 'declined'))
     where m.deleted_at is null and m.status in ('planned', 'held') and m.start < $3::timestamptz and m.end_ > $2::timestamptz order by 1`,
    [users, new Date(from).toISOString(), new Date(until).toISOString()],
  );
  return rows.map(({ line }) => line);
}

async function taken(from: number, until: number): Promise<string[]> {
  const times = await takenTimes(inside.product.db, users, { from, until });
  const names = new Map(
    (await inside.product.db.query<{ id: string; name: string }>('select id, name from users')).map(({ id, name }) => [id, name]),
  );
  const subjects = new Map(
    (await inside.product.db.query<{ id: string; subject: string }>('select id, subject from meetings')).map((row) => [
      row.id,
      row.subject,
    ]),
  );
  return times.map(({ user, meeting, start, end }) => `${names.get(user)} ${subjects.get(meeting ?? '')} ${start} ${end}`).sort();
}

/** Both tell the same of this week, of its borders and of what lies around it; gives what they tell of the week. */
async function agreed(): Promise<string[]> {
  for (const [from, until] of [
    [FROM, UNTIL],
    [FROM + 10 * HOUR, FROM + 11 * HOUR],
    [FROM - 90 * 24 * HOUR, FROM],
    [UNTIL, UNTIL + 400 * 24 * HOUR],
  ] as const)
    expect(await taken(from, until)).toEqual((await read(from, until)).sort());
  return (await taken(FROM, UNTIL)).map((line) => line.split(' ').slice(0, 2).join(' '));
}

beforeAll(async () => {
  inside = await insideProduct();
  const ctx = await inside.ctx();
  key = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  for (const name of ['Ada', 'Bo'])
    users.push(await inside.product.addUser(ctx, { name, email: `${name}@perigon.example`, password: null, roles: ['salesRep'] }));
});
afterAll(() => inside.stop());

describe('what somebody has between two moments', () => {
  const ids: Record<string, string> = {};
  it('is what reaches in: begun before, whole days, each of a row, with them or called by them', async () => {
    const [ada, bo] = users;
    ids.plain = await meet('Plain', { owner: ada, start: at(10), end: at(11), colleagues: [{ id: bo, role: 'accepted' }] });
    ids.reaches = await meet('Reaches', { owner: ada, start: at(-48), end: at(2) });
    ids.long = await meet('Sabbatical', { owner: bo, start: at(-80 * 24), end: at(3) });
    ids.ends = await meet('Before', { owner: ada, start: at(-2), end: at(0) });
    ids.begins = await meet('After', { owner: ada, start: at(7 * 24), end: at(7 * 24 + 1) });
    ids.whole = await meet('Whole', { owner: bo, allDay: true, startsOn: at(48).slice(0, 10), endsOn: at(72).slice(0, 10) });
    ids.declined = await meet('Declined', { start: at(20), end: at(21), colleagues: [{ id: bo, role: 'declined' }] });
    ids.off = await meet('Off', { owner: ada, status: 'cancelled', start: at(30), end: at(31) });
    ids.other = await meet('Others', { start: at(32), end: at(33) });
    ids.row = await meet('Daily', { owner: ada, start: at(-24 + 15), end: at(-24 + 16), repeats: 'FREQ=DAILY;COUNT=4', colleagues: [bo] });
    expect(await agreed()).toEqual([
      ...['Ada Daily', 'Ada Daily', 'Ada Daily', 'Ada Plain', 'Ada Reaches'],
      ...['Bo Daily', 'Bo Daily', 'Bo Daily', 'Bo Plain', 'Bo Sabbatical', 'Bo Whole'],
    ]);
  });

  it('follows what is moved, called off, answered, handed on, thrown away and brought back', async () => {
    const [, bo] = users;
    const { cause } = await good('PATCH', `/meetings/${ids.plain}`, { start: at(-500) });
    expect(await agreed()).not.toContain('Ada Plain');
    await good('POST', `/causes/${cause}/undo`);
    expect(await agreed()).toContain('Ada Plain');
    await good('PATCH', `/meetings/${ids.plain}`, { colleagues: [{ id: bo, role: 'declined' }] });
    expect(await agreed()).not.toContain('Bo Plain');
    await good('PATCH', `/meetings/${ids.declined}`, { colleagues: [{ id: bo, role: 'accepted' }] });
    expect(await agreed()).toContain('Bo Declined');
    await good('PATCH', `/meetings/${ids.reaches}`, { owner: bo });
    expect(await agreed()).toEqual(expect.arrayContaining(['Bo Reaches']));
    await good('PATCH', `/meetings/${ids.whole}`, { status: 'cancelled' });
    await good('PATCH', `/meetings/${ids.off}`, { status: 'planned' });
    const gone = await inside.ask('DELETE', `/api/v1/meetings/${ids.long}`, { key });
    const told = await agreed();
    expect(told).toContain('Ada Off');
    for (const line of ['Bo Whole', 'Bo Sabbatical', 'Ada Reaches']) expect(told).not.toContain(line);
    await good('POST', `/causes/${String(gone.headers['perigon-cause'])}/undo`);
    expect(await agreed()).toContain('Bo Sabbatical');
    await good('PATCH', `/meetings/${ids.row}`, { repeats: null });
    expect((await agreed()).filter((line) => line.endsWith('Daily'))).toEqual([]);
  });

  it('is answered from its range, however much lies behind', async () => {
    const [ada] = users;
    await inside.product.db.query(
      `insert into meeting_times (meeting, user_id, taken) select gen_random_uuid(), $1::uuid, tstzrange(t, t + interval '30 minutes')
       from generate_series(timestamptz '2020-01-01', timestamptz '2030-01-01', interval '4 hours') t`,
      [ada],
    );
    await inside.product.db.query('analyze meeting_times');
    const plan = JSON.stringify(
      await inside.product.db.query(`explain (analyze, format json) ${TAKEN_SQL}`, [users, at(0), at(168), null, null]),
    );
    expect(plan).toMatch(/"meeting_times_user"[^}]*"Index Cond":"\(\(user_id = u.id\) AND \(taken && /);
    await inside.product.db.query('delete from meeting_times where not exists (select 1 from meetings m where m.id = meeting)');
  });
});
