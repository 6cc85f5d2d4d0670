import { type Actor, SYSTEM } from '#engine/access/actor.ts';
import { mayReadField } from '#engine/access/policy.ts';
import { typeOf } from '#engine/declare/fields/index.ts';
import { figuresTable } from '#engine/declare/figures.ts';
import { fieldsOfCondition } from '#engine/declare/local-condition.ts';
import { type Bound, bindPredicate, matches } from '#engine/declare/predicate.ts';
import type { Queryable, Tx } from '#engine/store/db.ts';
import { sqlState } from '#engine/store/db.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { Params } from '#engine/store/sql.ts';
import { denied, invalid, isPerigonError, limited } from '#kit/errors.ts';
import { bindContext, type Context, type RuleItem, sqlContext, type Values } from './context.ts';
import { write } from './write.ts';

/**
 * Which territory a party lies in. Each territory may have a rule, a predicate over the party's own fields; the deepest one that
 * holds counts. The two readings of the predicate serve the two ways it is asked: `matches` in the middle of a write, `toSql`
 * over all parties when rules are cut anew. What somebody chose by hand is pinned and is left alone.
 */
export interface Territory {
  id: string;
  name: string;
  parent: string | null;
  rule: unknown;
  rank: number | null;
}

/** Causes under which territories stand where the act puts them. */
const QUIET: readonly string[] = ['undo', 'merge', 'territories'];

const all = (q: Queryable): Promise<Territory[]> =>
  q.query<Territory>('select id, name, parent_id as parent, rule, rank::int as rank from territories where deleted_at is null');

/** Territories with a rule in the order in which they are asked: the deepest first, then by rank, then by name. */
export function inOrder(territories: readonly Territory[]): Territory[] {
  const byId = new Map(territories.map((one) => [one.id, one]));
  const depth = (one: Territory): number => {
    let n = 0;
    for (let at = byId.get(one.parent ?? ''); at && n < 50; at = byId.get(at.parent ?? '')) n++;
    return n;
  };
  const depths = new Map(territories.map((one) => [one.id, depth(one)]));
  return territories
    .filter((one) => one.rule !== null && one.rule !== undefined)
    .sort(
      (a, b) =>
        (depths.get(b.id) ?? 0) - (depths.get(a.id) ?? 0) ||
        (a.rank ?? 10_001) - (b.rank ?? 10_001) ||
        (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1),
    );
}

/** Rules are the company's, whoever writes a party: they are read without anybody's rights. */
const bindRule = (ctx: Pick<Context, 'model' | 'env'>, rule: unknown): Bound =>
  bindPredicate(bindContext({ ...ctx, actor: SYSTEM as Actor }), ctx.model.object('party'), rule, 'rule');

/** Why a rule cannot stand; null where it can. */
export function faultOfRule(ctx: Pick<Context, 'model' | 'env'>, rule: unknown): string | null {
  if (rule === null || rule === undefined) return null;
  const party = ctx.model.object('party');
  try {
    const bound = bindRule(ctx, rule);
    const isOwn = (one: Bound): boolean =>
      one.kind === 'leaf' ? one.steps.length === 0 : one.kind === 'count' ? false : one.of.every(isOwn);
    if (!isOwn(bound)) return 'A rule looks at the own fields of a customer only.';
    const bad = fieldsOfCondition(rule).find((key) => ['territory', 'territoryPinned'].includes(key) || party.fields.get(key)?.derived);
    return bad === undefined ? null : `A rule cannot look at ${bad}: it is reckoned or follows from the rule itself.`;
  } catch (error) {
    if (!isPerigonError(error)) throw error;
    return error.errors[0]?.detail ?? error.message;
  }
}

/** Puts parties on their way through the write pipeline into their territory. */
export async function assignTerritories({ ctx, tx, items }: { ctx: Context; tx: Tx; items: readonly RuleItem[] }): Promise<void> {
  if (QUIET.includes(ctx.cause.kind) || !ctx.model.objects.has('territory')) return;
  const written = items.filter((item) => item.op === 'create' || item.op === 'update');
  // Who names a territory means it.
  for (const item of written)
    if (item.changes('territory') && !item.changes('territoryPinned'))
      item.set('territoryPinned', (item.get('territory') ?? null) !== null);
  const open = written.filter((item) => item.get('territoryPinned') !== true);
  if (open.length === 0) return;
  const plan = inOrder(await all(tx)).filter((one) => faultOfRule(ctx, one.rule) === null);
  if (plan.length === 0) return;
  const rules = plan.map((one) => ({ id: one.id, bound: bindRule(ctx, one.rule) }));
  const deciding = new Set(['territory', 'territoryPinned', ...plan.flatMap((one) => fieldsOfCondition(one.rule))]);
  for (const item of open) {
    if (item.op === 'update' && ![...deciding].some((key) => item.changes(key))) continue;
    const record = new Proxy({} as Values, { get: (_, key) => item.get(String(key)) });
    const found = rules.find(({ bound }) => matches(bound, record, { get: () => null, children: () => [] }))?.id ?? null;
    if ((item.get('territory') ?? null) !== found) item.set('territory', found);
  }
}

/** SQL: the territory that a party (alias `t`) would lie in. */
function caseSql(ctx: Context, plan: readonly Territory[], params: Params): string {
  const sql = sqlContext({ model: ctx.model, actor: SYSTEM }, params, 'tr');
  const whens = plan
    .filter((one) => faultOfRule(ctx, one.rule) === null)
    .map((one) => `when ${toSql(bindRule(ctx, one.rule), 't', sql)} then ${params.add(one.id, 'uuid')}`);
  return whens.length > 0 ? `case ${whens.join(' ')} end` : 'null::uuid';
}

/** Only who may change all parties and territories cuts them anew. */
function requireCut(ctx: Context): void {
  const { rights } = ctx.actor;
  if (
    ['territory', 'party'].some((object) => (['read', 'update'] as const).some((verb) => rights.scope(object, verb) !== 'all')) ||
    ['territory', 'territoryPinned'].some((key) => rights.field('party', key) !== null)
  )
    throw denied('Your roles do not let you cut territories anew.');
}

export interface RuleChange {
  id: string;
  rule: unknown;
}

/** The territories as they would be, with the changed rules in them. */
async function drafted(ctx: Context, changes: readonly RuleChange[]): Promise<Territory[]> {
  const held = await all(ctx.db);
  for (const [i, change] of changes.entries()) {
    const fault = held.some((one) => one.id === change.id) ? faultOfRule(ctx, change.rule) : 'There is no such territory.';
    if (fault) throw invalid('A rule cannot stand.', [{ path: `rules.${i}.rule`, code: 'condition', detail: fault }]);
  }
  const rules = new Map(changes.map((change) => [change.id, change.rule]));
  return held.map((one) => (rules.has(one.id) ? { ...one, rule: rules.get(one.id) ?? null } : one));
}

export interface CutPreview {
  /** Parties that would move. */
  total: number;
  moves: { from: string | null; to: string | null; count: number; openOpportunities: number | null; revenue: string | null }[];
  /** The first of them by name. */
  first: { id: string; name: string | null; from: string | null; to: string | null }[];
}

/** Named in a preview. */
const NAMED = 50;
/** A preview looks at every party once; longer than this nobody waits. */
const PREVIEW_MS = 20_000;

/** How many parties would move from where to where, with what hangs on them, if these rules stood. */
export async function previewCut(ctx: Context, changes: readonly RuleChange[]): Promise<CutPreview> {
  requireCut(ctx);
  const plan = inOrder(await drafted(ctx, changes));
  const params = new Params();
  const party = ctx.model.object('party');
  const figure = (key: string): string => {
    const field = party.fields.get(key);
    const known = field?.derived && mayReadField(ctx.actor, party, field) && !ctx.building?.has(`party.${key}`);
    return field && known ? `sum(${typeOf(field).shape?.sql(field, 'g') ?? 'null::numeric'})` : 'null::numeric';
  };
  const text = `with moved as materialized (
      select x.id, x.name, x.f, x.n from (
        select t.id, t.name, t.territory_id as f, ${caseSql(ctx, plan, params)} as n from parties t where t.deleted_at is null and t.territory_pinned is not true) x
      where x.f is distinct from x.n)
    select (select count(*)::int from moved) as total,
      coalesce((select json_agg(m order by m.count desc) from (
        select f as "from", n as "to", count(*)::int as count, ${figure('openOpportunities')}::int as "openOpportunities", ${figure('lifetimeRevenue')}::text as revenue
        from moved left join ${figuresTable(party)} g on g.id = moved.id group by f, n) m), '[]') as moves,
      coalesce((select json_agg(p) from (select id, name, f as "from", n as "to" from moved order by perigon_fold(name) collate "C", id limit ${NAMED}) p), '[]') as first`;
  try {
    return await ctx.db.transaction(async (tx) => {
      await tx.query(`select set_config('statement_timeout', '${PREVIEW_MS}', true)`);
      const [row] = await tx.query<CutPreview>(text, params.values);
      return row ?? { total: 0, moves: [], first: [] };
    });
  } catch (error) {
    if (sqlState(error) === '57014')
      throw limited('There are too many customers to look at them all at once. Apply it: it can be undone.', 60);
    throw error;
  }
}

/** Refuses rules that cannot be applied by this actor. */
export async function checkCut(ctx: Context, changes: readonly RuleChange[]): Promise<void> {
  requireCut(ctx);
  await drafted(ctx, changes);
}

/** Parties moved in one transaction. */
const CHUNK = 500;

/** Puts every party that is not pinned where the rules say. Whoever lies there already is not met, so a broken-off run goes on by itself. */
export async function applyCut(
  ctx: Context,
  o: { save(done: number): Promise<void>; cancelled(): boolean },
): Promise<{ changed: number; failed: number; unfinished?: true }> {
  requireCut(ctx);
  const plan = inOrder(await all(ctx.db));
  let after = '00000000-0000-0000-0000-000000000000';
  // What the log says this cut has moved: the count that was saved may lack what was written just before it broke off.
  const [held] = await ctx.db.query<{ n: number }>(`select count(*)::int as n from changes where cause = $1::uuid and object = 'party'`, [
    ctx.cause.id,
  ]);
  let changed = held?.n ?? 0;
  let failed = 0;
  for (;;) {
    if (o.cancelled()) return { changed, failed, unfinished: true };
    const params = new Params();
    const rows = await ctx.db.query<{ id: string; n: string | null }>(
      `select x.id, x.n from (select t.id, t.territory_id as f, ${caseSql(ctx, plan, params)} as n from parties t
         where t.deleted_at is null and t.territory_pinned is not true and t.id > ${params.add(after, 'uuid')}) x
       where x.f is distinct from x.n order by x.id limit ${CHUNK}`,
      params.values,
    );
    const last = rows.at(-1);
    if (!last) return { changed, failed };
    after = last.id;
    const results = await write(
      ctx,
      ctx.model.object('party'),
      rows.map(({ id, n }) => ({ op: 'update', id, values: { territory: n } })),
      { partial: true, trusted: true },
    );
    changed += results.filter((result) => result.ok).length;
    failed += results.filter((result) => !result.ok).length;
    await o.save(changed);
  }
}
