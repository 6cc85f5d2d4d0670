import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Rights, SCOPES, type Scope } from '#engine/access/actor.ts';
import { createApiKey } from '#engine/access/sign-in.ts';
import type { AccessAnswer } from '#engine/record/why.ts';
import { type Inside, insideProduct } from '#tests/harness/inside.ts';

/**
 * The law of reach: whatever a role says, whoever owns, serves, was given or works the territory of a record, every surface shows
 * exactly the records that the words of docs/access.md give, and "why" says the same. The words are written out here once more, over
 * plain records, without a line of SQL.
 */
let inside: Inside;
const keys: Record<string, string> = {};
const teams: Record<string, string> = {};
const land: Record<string, string> = {};
const staff: { id: string; team: string }[] = [];
let serial = 0;

type Kind = 'party' | 'opportunity' | 'note' | 'invoice';
const KINDS: readonly Kind[] = ['party', 'opportunity', 'note', 'invoice'];
const PLURAL = { party: 'parties', opportunity: 'opportunities', note: 'notes', invoice: 'invoices' } as const;
type Verb = 'read' | 'update' | 'delete';
interface Thing {
  kind: Kind;
  id: string;
  owner: string | null;
  /** Of a party: who serves it since when until when and how far, and where it lies. */
  served: { id: string; level: 'read' | 'write'; holds: boolean }[];
  territory: string | null;
  party: Thing | null;
  file: string | null;
}
const things: Thing[] = [];

interface Probe {
  id: string;
  team: string;
  rights: Rights;
  key: string;
}
interface Given {
  thing: Thing;
  user: string | null;
  team: string | null;
  level: 'read' | 'write';
  over: boolean;
}
const given: Given[] = [];

const send = async (key: string, method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  inside.ask(method, `/api/v1${path}`, { key, body, headers });
const good = async <T>(key: string, method: string, path: string, body?: unknown): Promise<T> => {
  const answer = await send(key, method, path, body);
  expect(answer.status, `${method} ${path} ${answer.text}`).toBeLessThan(300);
  return answer.body as T;
};
const create = async (plural: string, values: Record<string, unknown>): Promise<string> =>
  (await good<{ id: string }>(keys.admin ?? '', 'POST', `/${plural}`, values)).id;
const pick = <T>(list: readonly T[], n: number): T => list[n % list.length] as T;

beforeAll(async () => {
  inside = await insideProduct({ background: true });
  const ctx = await inside.ctx();
  keys.admin = (await createApiKey(ctx.db, { userId: ctx.actor.userId ?? '', name: 'test' })).secret;
  teams.north = await create('teams', { name: 'North' });
  teams.coast = await create('teams', { name: 'Coast', parent: teams.north });
  teams.south = await create('teams', { name: 'South' });
  for (const [i, team] of ['north', 'coast', 'south'].entries())
    staff.push({ id: await create('users', { name: `Staff ${i}`, team: teams[team] }), team: teams[team] ?? '' });
  land.europe = await create('territories', { name: 'Europe' });
  land.alps = await create('territories', { name: 'Alps', parent: land.europe });
  land.asia = await create('territories', { name: 'Asia' });
});
afterAll(() => inside.stop());

const DAY = 86_400_000;
const at = (days: number): string => new Date(Date.now() + days * DAY).toISOString();
/** When a membership of an account team may begin and end, and whether it holds now. */
const TERMS = [
  { holds: true, of: () => ({}) },
  { holds: true, of: () => ({ since: at(-1), until: at(1) }) },
  { holds: false, of: () => ({ since: at(1) }) },
  { holds: false, of: () => ({ since: at(-2), until: at(-1) }) },
] as const;

/** What docs/access.md says, in so many words. */
function reaches(probe: Probe, territories: readonly string[], verb: Verb, thing: Thing, scope: Scope): boolean {
  if (scope === 'none') return false;
  if (scope === 'all') return true;
  const myTeams = probe.team === teams.north ? [teams.north, teams.coast] : [probe.team];
  const teamOf = (owner: string | null) => staff.find((one) => one.id === owner)?.team ?? (owner === probe.id ? probe.team : null);
  const shared = (one: Thing, asked: Verb) =>
    asked !== 'delete' &&
    given.some(
      (share) =>
        share.thing === one &&
        !share.over &&
        (share.user === probe.id || (share.team !== null && myTeams.includes(share.team))) &&
        (asked === 'read' || share.level === 'write'),
    );
  if (thing.kind === 'invoice')
    return shared(thing, verb) || (thing.party !== null && reaches(probe, territories, verb, thing.party, scope));
  const owned = thing.owner === probe.id || (scope !== 'own' && thing.owner !== null && myTeams.includes(teamOf(thing.owner) ?? ''));
  const place = (thing.party ?? thing).territory;
  const lies = scope === 'territory' && place !== null && territories.includes(place);
  const serves = (thing.party ?? thing).served.some(
    (one) => one.id === probe.id && one.holds && (verb === 'read' || one.level === 'write'),
  );
  if (owned || lies || serves || shared(thing, verb)) return true;
  return verb === 'read' && thing.party !== null && (thing.party.owner === probe.id || shared(thing.party, 'read'));
}

const scope = fc.constantFrom(...SCOPES);
const grant = fc.record({ read: scope, update: scope, delete: scope });
const drawn = fc.record({
  objects: fc.record({ party: grant, opportunity: grant, note: grant, invoice: grant }),
  hidden: fc.boolean(),
  readOnly: fc.boolean(),
  team: fc.constantFrom('north', 'coast', 'south'),
  lands: fc.subarray(['europe', 'alps', 'asia']),
  /** Which records are whose: one number a record. */
  world: fc.array(fc.nat(10_000), { minLength: 12, maxLength: 12 }),
  shares: fc.array(fc.record({ at: fc.nat(1000), who: fc.nat(3), write: fc.boolean(), over: fc.boolean() }), { maxLength: 8 }),
});

it('every surface shows what the words say, and why says the same', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, async (draw) => {
      const probe = await newProbe(draw);
      const territories = draw.lands.flatMap((name) => (name === 'europe' ? [land.europe, land.alps] : [land[name]])) as string[];
      await newWorld(probe, draw);
      const may = (verb: Verb, thing: Thing) =>
        reaches(probe, territories, verb, thing, probe.rights.objects[thing.kind]?.[verb] ?? 'none');
      const word = `zed${serial}`;
      for (const kind of KINDS) {
        const own = things.filter((thing) => thing.kind === kind);
        const visible = own.filter((thing) => may('read', thing)).map((thing) => thing.id);
        const expected = [...visible].sort();
        const scopes = probe.rights.objects[kind];
        const none = scopes?.read === 'none';
        const said = `${kind} ${JSON.stringify(probe.rights.objects[kind])}`;
        const where = { field: 'id', op: 'in', value: own.map(({ id }) => id) };
        const list = await send(probe.key, 'POST', `/${PLURAL[kind]}/query`, { where, limit: 500, count: true });
        if (none) expect(list.status, said).toBe(404);
        else {
          const page = list.body as { items: { id: string }[]; count: { value: number } };
          expect(page.items.map(({ id }) => id).sort(), said).toEqual(expected);
          expect(page.count.value, said).toBe(expected.length);
          const sums = await good<{ rows: { n: number }[] }>(probe.key, 'POST', `/${PLURAL[kind]}/aggregate`, {
            where,
            measures: { n: { op: 'count' } },
          });
          expect(sums.rows[0]?.n ?? 0, said).toBe(expected.length);
          const file = await send(probe.key, 'GET', `/${PLURAL[kind]}/export?format=ndjson`);
          for (const thing of own) expect(file.text.includes(thing.id), said).toBe(visible.includes(thing.id));
        }
        for (const thing of own) {
          const path = `/${PLURAL[kind]}/${thing.id}`;
          const seen = visible.includes(thing.id);
          const why = await good<AccessAnswer>(keys.admin ?? '', 'GET', `${path}/access?user=${probe.id}`);
          for (const verb of ['read', 'update', 'delete'] as const)
            expect(why.verbs[verb].allowed, `${said} ${verb} ${JSON.stringify(why.verbs)}`).toBe(may(verb, thing));
          const pages = ['', '/history', ...(kind === 'party' ? ['/overview', '/timeline', '/brief'] : [])];
          for (const page of pages) {
            const answer = await send(probe.key, 'GET', path + page);
            expect(answer.status, `${said} ${page}`).toBe(seen ? 200 : 404);
            if (draw.hidden) expect(answer.text).not.toContain('Secretville');
          }
          if (thing.file) expect((await send(probe.key, 'GET', `/files/${thing.file}`)).status, `${said} file`).toBe(seen ? 200 : 404);
          // A version that never was: refused before it is compared, or by it.
          for (const [method, verb] of [
            ['PATCH', 'update'],
            ['DELETE', 'delete'],
          ] as const) {
            const answer = await send(probe.key, method, path, method === 'PATCH' ? { externalIds: [] } : undefined, {
              'if-match': '"999"',
            });
            expect(answer.status, `${said} ${verb} ${answer.text}`).toBe(
              none ? 404 : scopes?.[verb] === 'none' ? 403 : !seen ? 404 : may(verb, thing) ? 412 : 403,
            );
          }
        }
      }
      if (draw.hidden && probe.rights.objects.party?.read !== 'none') {
        for (const body of [{ where: { field: 'city', op: 'eq', value: 'Secretville' } }, { sort: ['city'] }, { fields: ['city'] }])
          expect((await send(probe.key, 'POST', '/parties/query', body)).status).toBe(422);
      }
      // Behind a customer that is hidden nothing can be guessed.
      if (probe.rights.objects.opportunity?.read !== 'none' && probe.rights.objects.party?.read !== 'none') {
        const found = await good<{ items: { id: string }[] }>(probe.key, 'POST', '/opportunities/query', {
          where: { field: 'customer.name', op: 'contains', value: word },
          limit: 500,
        });
        const both = things.filter(
          (thing) => thing.kind === 'opportunity' && may('read', thing) && thing.party !== null && may('read', thing.party),
        );
        expect(found.items.map(({ id }) => id).sort()).toEqual(both.map(({ id }) => id).sort());
      }
      // The whole log, under the probe's eyes: of records they may see now, and of no other (having left is all that is ever said).
      const events = await inside.ask('GET', '/api/v1/events?follow=false&after=0', { key: probe.key });
      const told = [...events.text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '{}') as { id?: string; op?: string });
      for (const thing of things)
        if (!may('read', thing)) expect(told.filter((one) => one.id === thing.id && one.op !== 'left')).toEqual([]);
      // The search follows behind; what it shows is never too much, and in the end it is everything.
      const wanted = things.filter((thing) => thing.kind !== 'invoice' && may('read', thing)).map(({ id }) => id);
      const hits = async () => {
        const answer = await good<{ items: { id: string }[] }>(probe.key, 'GET', `/search?q=${word}&limit=50`);
        for (const { id } of answer.items) expect(things.filter((thing) => may('read', thing)).map((thing) => thing.id)).toContain(id);
        return answer.items.map(({ id }) => id).sort();
      };
      await expect.poll(hits, { timeout: 20_000 }).toEqual(expect.arrayContaining(wanted));
    }),
    { numRuns: 10, seed: Number(process.env.FC_SEED ?? (process.env.CI ? 42 : Date.now() % 2 ** 31)), endOnFailure: true },
  );
});

async function newProbe(draw: {
  objects: Record<Kind, Record<Verb, Scope>>;
  hidden: boolean;
  readOnly: boolean;
  team: string;
  lands: string[];
}): Promise<Probe> {
  serial++;
  const rights: Rights = {
    objects: draw.objects,
    fields: { party: { ...(draw.hidden ? { city: 'hidden' } : {}), ...(draw.readOnly ? { website: 'readOnly' } : {}) } },
    may: ['export'],
  };
  await create('roles', { name: `Probe ${serial}`, key: `probe${serial}`, rights });
  const ctx = await inside.ctx();
  const id = await inside.product.addUser(ctx, {
    name: `Probe ${serial}`,
    email: `probe${serial}@perigon.example`,
    password: null,
    roles: [`probe${serial}`],
  });
  await good(keys.admin ?? '', 'PATCH', `/users/${id}`, { team: teams[draw.team] });
  for (const name of draw.lands) await good(keys.admin ?? '', 'PATCH', `/territories/${land[name]}`, { members: [{ id }] });
  for (const name of ['europe', 'alps', 'asia'].filter((one) => !draw.lands.includes(one)))
    await good(keys.admin ?? '', 'PATCH', `/territories/${land[name]}`, { members: [] });
  return { id, team: teams[draw.team] ?? '', rights, key: (await createApiKey(ctx.db, { userId: id, name: 'test' })).secret };
}

/** Customers and what is about them, owned, served and given as drawn. */
async function newWorld(
  probe: Probe,
  draw: { world: number[]; shares: { at: number; who: number; write: boolean; over: boolean }[] },
): Promise<void> {
  things.length = 0;
  given.length = 0;
  const people = [probe.id, ...staff.map((one) => one.id)];
  const make = async (kind: Kind, n: number, values: Record<string, unknown>, party: Thing | null): Promise<Thing> => {
    const thing: Thing = {
      kind,
      id: '',
      owner: kind === 'invoice' ? null : pick(people, n),
      served: [],
      territory: null,
      party,
      file: null,
    };
    thing.id = await create(PLURAL[kind], values);
    things.push(thing);
    return thing;
  };
  for (const [i, n] of draw.world.slice(0, 6).entries()) {
    const terms = pick(TERMS, n >> 5);
    const served = n % 3 !== 1 ? [{ id: pick(people, n >> 2), level: pick(['read', 'write'] as const, n >> 4), holds: terms.holds }] : [];
    const territory = pick([null, land.europe, land.alps, land.asia], n >> 3) ?? null;
    const file = i === 0 ? (await good<{ id: string }>(keys.admin ?? '', 'POST', '/files?name=plan.txt', 'plan')).id : null;
    const party = await make(
      'party',
      n,
      {
        name: `Zed${serial} customer ${i}`,
        kind: 'organisation',
        city: 'Secretville',
        owner: pick(people, n),
        accountTeam: served.map(({ id, level }) => ({ id, role: 'service', level, ...terms.of() })),
        territory,
        ...(file ? { files: [file] } : {}),
      },
      null,
    );
    Object.assign(party, { served, territory, file });
  }
  const parties = [...things];
  for (const [i, n] of draw.world.slice(6).entries()) {
    const party = pick(parties, n);
    await make('opportunity', n, { name: `Zed${serial} deal ${i}`, customer: party.id, owner: pick(people, n) }, party);
    await make('note', n >> 1, { subject: `Zed${serial} note ${i}`, party: party.id, author: pick(people, n >> 1) }, party);
    await make('invoice', n, { number: `Z${serial}-${i}`, customer: party.id, date: '2026-01-01' }, party);
  }
  const ctx = await inside.ctx();
  for (const { at, who, write, over } of draw.shares) {
    const thing = pick(things, at);
    const team = who === 0 ? null : (pick([teams.north, teams.coast, teams.south], who) ?? null);
    if (given.some((one) => one.thing === thing && one.team === team)) continue;
    // What the roles do not reach at all cannot be given to a person; a team has no roles.
    const scopes = probe.rights.objects[thing.kind];
    if (team === null && (scopes?.read === 'none' || (write && scopes?.update === 'none'))) continue;
    const level = write ? 'write' : 'read';
    const id = await create('shares', { object: thing.kind, record: thing.id, ...(team ? { team } : { user: probe.id }), level });
    if (over) await ctx.db.query(`update shares set until = now() - interval '1 second' where id = $1::uuid`, [id]);
    given.push({ thing, user: team ? null : probe.id, team, level, over });
  }
}
