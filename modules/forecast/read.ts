import type { Figure, MeasureRow } from '#engine/measures/measures.ts';
import { readMeasures } from '#engine/measures/measures.ts';
import { type AggregateQuery, aggregate } from '#engine/record/aggregate.ts';
import type { Context } from '#engine/record/context.ts';
import { readPage, recordsOf } from '#engine/record/read.ts';
import { dateIn } from '#kit/calendar.ts';
import { isObject, type Json } from '#kit/json.ts';
import { leads } from './call.rules.ts';
import { type By, type Length, lastDay, type Period, setFor } from './period.ts';
import { type Figures, type ForecastRow, NONE, sumOf, type Team, underTeams } from './roll-up.ts';

/** A forecast as it stands, of the deals, quotas and calls that the reader may read and no others. */

export interface ForecastQuestion extends Period {
  by: By;
  pipeline?: string | undefined;
}

export interface ForecastAnswer extends Period {
  to: string;
  by: By;
  currency: string;
  rows: ForecastRow[];
  total: Figures;
  /** Amounts of deals and quotas without a rate: they are in no sum. */
  unconverted: number;
  /** Open deals whose close date has passed: they are in no forecast of today. */
  overdue: { deals: number; amount: number };
  /** On which day experience was asked last; null where it says nothing of this period. */
  expectedOn: string | null;
  asOf: string;
}

const PATHS: Record<By, string> = {
  team: 'owner',
  owner: 'owner',
  territory: 'customer.territory',
  product: 'product',
  currency: 'amount.currency',
};
const MEASURES = ['wonValue', 'forecastCommit', 'forecastBestCase', 'forecastPipeline', 'forecastWeighted', 'wonDeals'];

const amountOf = (figure: Figure | Json | undefined): number | null => {
  if (isObject(figure)) return Number(figure.amount);
  return figure === null || figure === undefined ? null : Number(figure);
};

const keyOf = (value: Json): string | null => (isObject(value) ? String(value.id) : typeof value === 'string' ? value : null);
const nameOf = (value: Json): string | null => (isObject(value) ? String(value.name) : typeof value === 'string' ? value : null);

/** The forecast of a period, cut in one way. */
export async function readForecast(ctx: Context, question: ForecastQuestion): Promise<ForecastAnswer> {
  const { from, every, by } = question;
  const to = lastDay(question);
  const where = question.pipeline ? { field: 'pipeline', op: 'eq', value: question.pipeline } : undefined;
  const people = by === 'team' || by === 'owner';
  const [deals, said, expected, overdue] = await Promise.all([
    readMeasures(ctx, { measures: MEASURES, by: [PATHS[by]], from, to, ...(where ? { where } : {}) }),
    people && !where ? saidOf(ctx, question) : null,
    by === 'currency' || where ? null : expectedOf(ctx, question),
    overdueOf(ctx, question, where),
  ]);
  const blank = { parent: null, depth: 0, calls: [], mayCall: false, quotaOf: null };
  const kind = people ? 'user' : (by as 'product' | 'territory' | 'currency');
  const rows = new Map<string, ForecastRow>();
  const rowOf = (id: string | null, name: string | null): ForecastRow => {
    const key = `${kind}:${id ?? ''}`;
    const row = rows.get(key) ?? { ...blank, key, id, name, kind, figures: { ...NONE } };
    rows.set(key, row);
    return row;
  };
  for (const row of deals.rows) {
    const [value = null] = row.by;
    const at = rowOf(keyOf(value), nameOf(value));
    at.figures = { ...at.figures, ...dealFigures(row) };
  }
  for (const one of expected?.groups ?? []) {
    const at = rowOf(one.id, one.name);
    const won = at.figures.won ?? 0;
    at.figures = { ...at.figures, statistical: won + one.value, low: won + one.low, high: won + one.high };
  }
  for (const { id, name } of said?.people ?? []) rowOf(id, name);
  for (const row of rows.values()) {
    const own = said?.of('user', row.id ?? '');
    if (!own) continue;
    row.calls = own.calls;
    row.mayCall = own.mayCall && row.id !== null;
    row.quotaOf = own.quota === null ? null : 'own';
    row.figures = { ...row.figures, quota: own.quota, call: own.call };
  }
  const list = [...rows.values()].sort(
    (a, b) => (b.figures.won ?? 0) + (b.figures.weighted ?? 0) - (a.figures.won ?? 0) - (a.figures.weighted ?? 0),
  );
  const shown =
    by === 'team' && said
      ? underTeams(
          list.map((row) => ({ ...row, team: said.teamOf.get(row.id ?? '') ?? null })),
          said.teams,
          (team) => said.of('team', team),
        )
      : list;
  const total = sumOf(shown.filter(({ depth }) => depth === 0).map(({ figures }) => figures));
  return {
    from,
    every,
    to,
    by,
    currency: ctx.env.baseCurrency,
    rows: shown,
    // The total of deals counts those that no row is told of, too.
    total: { ...total, ...dealFigures(deals.total), ...wholeOf(expected?.whole ?? null, deals.total, total) },
    unconverted: Math.max(0, ...Object.values(deals.total.unconverted ?? {})) + (said?.unrated ?? 0),
    overdue,
    expectedOn: expected?.on ?? null,
    asOf: deals.asOf,
  };
}

/** The spread of the whole was learnt as a whole; who sees only a part has that of the parts. */
function wholeOf(whole: Expected | null, deals: MeasureRow, parts: Figures): Partial<Figures> {
  if (!whole) return { statistical: parts.statistical, low: parts.low, high: parts.high };
  const won = amountOf(deals.figures.wonValue) ?? 0;
  return { statistical: won + whole.value, low: won + whole.low, high: won + whole.high };
}

function dealFigures({ figures }: MeasureRow): Pick<Figures, 'won' | 'commit' | 'bestCase' | 'pipeline' | 'weighted' | 'deals'> {
  const won = amountOf(figures.wonValue) ?? 0;
  return {
    won,
    commit: amountOf(figures.forecastCommit) ?? 0,
    bestCase: amountOf(figures.forecastBestCase) ?? 0,
    pipeline: amountOf(figures.forecastPipeline) ?? 0,
    // What is won is certain.
    weighted: won + (amountOf(figures.forecastWeighted) ?? 0),
    deals: amountOf(figures.wonDeals) ?? 0,
  };
}

async function overdueOf(ctx: Context, { from }: Period, where: unknown): Promise<{ deals: number; amount: number }> {
  const today = dateIn(ctx.env.now, ctx.env.timeZone);
  const open = { field: 'stage.category', op: 'eq', value: 'open' };
  const late = { field: 'closeDate', op: 'lt', value: from < today ? from : today };
  const { rows } = await ask(ctx, 'opportunity', {
    where: { all: [open, late, ...(where ? [where] : [])] },
    measures: { n: { op: 'count' }, sum: { op: 'sum', field: 'amount', in: 'base' } },
  });
  return { deals: Number(rows[0]?.n ?? 0), amount: amountOf(rows[0]?.sum) ?? 0 };
}

interface Expected {
  value: number;
  low: number;
  high: number;
}

/** What experience still expects of the period, as it was reckoned last. */
async function expectedOf(
  ctx: Context,
  { from, every, by }: ForecastQuestion,
): Promise<{ on: string; whole: Expected | null; groups: (Expected & { id: string | null; name: string | null })[] } | null> {
  if (ctx.actor.rights.scope('forecastSnapshot', 'read') === 'none') return null;
  const cut = by === 'team' ? 'owner' : by;
  const equal = (field: string, value: Json) => ({ field, op: 'eq', value });
  const items = await all(ctx, 'forecastSnapshot', {
    where: {
      all: [
        equal('weekly', false),
        equal('kind', 'statistical'),
        equal('start', from),
        equal('every', every),
        { field: 'cut', op: 'in', value: ['whole', cut] },
      ],
    },
    fields: ['cut', 'takenOn', 'owner', 'product', 'territory', 'amount', 'low', 'high'],
  });
  const [first] = items;
  if (!first) return null;
  const told = (item: Item): Expected => ({
    value: amountOf(item.amount) ?? 0,
    low: amountOf(item.low) ?? 0,
    high: amountOf(item.high) ?? 0,
  });
  const whole = items.find((item) => item.cut === 'whole');
  return {
    on: String(first.takenOn),
    whole: whole ? told(whole) : null,
    groups: items
      .filter((item) => item.cut === cut)
      .map((item) => ({ ...told(item), id: keyOf(item[cut] ?? null), name: nameOf(item[cut] ?? null) })),
  };
}

interface SaidOfAll {
  teams: Team[];
  teamOf: Map<string, string>;
  /** Users of whom a quota or a call is told, whether they have deals or not. */
  people: { id: string; name: string }[];
  /** Quotas without a rate. */
  unrated: number;
  of(kind: 'user' | 'team', id: string): { quota: number | null; call: number | null } & Pick<ForecastRow, 'calls' | 'mayCall'>;
}

/** Quotas and calls of a period, and who is in which team. */
async function saidOf(ctx: Context, question: ForecastQuestion): Promise<SaidOfAll> {
  const to = lastDay(question);
  const within = {
    all: [
      { field: 'start', op: 'gte', value: question.from },
      { field: 'start', op: 'lte', value: to },
    ],
  };
  const may = (object: string) => ctx.actor.rights.scope(object, 'read') !== 'none';
  const [{ quotas, unrated }, calls, users, teams] = await Promise.all([
    may('quota') ? quotasIn(ctx, within) : { quotas: [], unrated: 0 },
    may('forecastCall')
      ? all(ctx, 'forecastCall', {
          where: within,
          fields: ['user', 'team', 'subject', 'start', 'every', 'amount', 'kind', 'note', 'saidBy', 'saidAt', 'version'],
        })
      : [],
    may('user') ? all(ctx, 'user', { where: { field: 'team', op: 'isNotEmpty' }, fields: ['team'] }) : [],
    may('team') ? all(ctx, 'team', { fields: ['name', 'parent'] }) : [],
  ]);
  const bySubject = (items: readonly Item[]) => {
    const map = new Map<string, (Item & Period)[]>();
    for (const item of items)
      map.set(String(item.subject), [
        ...(map.get(String(item.subject)) ?? []),
        { ...item, from: String(item.start), every: item.every as Length },
      ]);
    return map;
  };
  const [quotasOf, callsOf] = [bySubject(quotas), bySubject(calls)];
  const worth = (item: Item) => amountOf(item.amount) ?? 0;
  const teamOf = new Map(users.map((user) => [String(user.id), keyOf(user.team ?? null) ?? '']));
  const speaks = ctx.actor.rights.scope('forecastCall', 'create') !== 'none';
  return {
    unrated,
    teams: teams.map((team) => ({ id: String(team.id), name: String(team.name), parent: keyOf(team.parent ?? null) })),
    teamOf,
    people: [...quotas, ...calls].flatMap(({ user }) => (isObject(user) ? [{ id: String(user.id), name: String(user.name) }] : [])),
    of(kind, id) {
      const mine = callsOf.get(`${kind}:${id}`) ?? [];
      const exact = mine.filter(({ from, every }) => from === question.from && every === question.every);
      // Who leads has the last word.
      const word = exact.find((call) => call.kind === 'override') ?? exact[0];
      return {
        quota: setFor(quotasOf.get(`${kind}:${id}`) ?? [], question, worth),
        call: word ? worth(word) : setFor(latest(mine), question, worth),
        mayCall: speaks && (kind === 'team' ? leads(ctx.actor, id) : id === ctx.actor.userId || leads(ctx.actor, teamOf.get(id) || null)),
        calls: exact.map((call) => ({
          id: String(call.id),
          version: Number(call.version),
          kind: call.kind === 'override' ? 'override' : 'submitted',
          amount: worth(call),
          note: call.note === null ? null : String(call.note),
          by: nameOf(call.saidBy ?? null),
          at: call.saidAt === null ? null : String(call.saidAt),
        })),
      };
    },
  };
}

/** Quotas in the base currency, and how many have no rate: those are in no sum. */
async function quotasIn(ctx: Context, where: unknown): Promise<{ quotas: Item[]; unrated: number }> {
  const { rows } = await ask(ctx, 'quota', {
    where,
    groupBy: ['subject', 'user', 'start', 'every'],
    measures: {
      amount: { op: 'sum', field: 'amount', in: 'base' },
      rated: { op: 'count', field: 'amount', in: 'base' },
      all: { op: 'count' },
    },
    limit: 10_000,
  });
  return {
    quotas: rows.filter(({ rated }) => Number(rated) > 0),
    unrated: rows.reduce((sum, row) => sum + Number(row.all) - Number(row.rated), 0),
  };
}

/** Of each period the word that counts. */
function latest<T extends Item & Period>(calls: readonly T[]): T[] {
  const held = new Map<string, T>();
  for (const call of calls) {
    const key = `${call.every} ${call.from}`;
    if (!held.has(key) || call.kind === 'override') held.set(key, call);
  }
  return [...held.values()];
}

type Item = { [key: string]: Json };

/** All records that meet a condition, page by page. */
async function all(ctx: Context, key: string, query: { where?: unknown; fields: readonly string[] }): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const page: { text: string; next: string | null } = await readPage(ctx, ctx.model.object(key), { ...query, limit: 500, cursor });
    items.push(...recordsOf(page).map((text) => JSON.parse(text) as Item));
    cursor = page.next;
  } while (cursor !== null && items.length < MOST);
  return items;
}
/** More people, teams and quotas than any company has in one forecast. */
const MOST = 20_000;

const ask = async (ctx: Context, key: string, query: AggregateQuery): Promise<{ rows: Item[] }> =>
  JSON.parse(await aggregate(ctx, ctx.model.object(key), query)) as { rows: Item[] };
