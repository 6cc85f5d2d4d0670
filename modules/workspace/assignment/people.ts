import { SYSTEM } from '#engine/access/actor.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import type { Context } from '#engine/record/context.ts';
import { bindContext, sqlContext } from '#engine/record/context.ts';
import type { Queryable } from '#engine/store/db.ts';
import { toSql } from '#engine/store/predicate-sql.ts';
import { Params } from '#engine/store/sql.ts';
import { dateIn } from '#kit/calendar.ts';
import type { Candidate } from './choose.ts';

/**
 * Of some users those who are there, with what the choice asks of them. Switched-off users and those away today are left out; records
 * of the batch that is being given out do not count as anybody's yet.
 */
export async function candidates(
  q: Queryable,
  ctx: Pick<Context, 'model' | 'env'>,
  o: { object: ModelObject; rule: string; users: readonly string[]; without: readonly string[] },
): Promise<Candidate[]> {
  if (o.users.length === 0) return [];
  const { object } = o;
  const params = new Params();
  const system = { ...ctx, actor: SYSTEM };
  // What goes to a successor is what is still to be done about.
  const open = object.handOver
    ? ` and (${toSql(bindPredicate(bindContext(system), object, object.handOver), 't', sqlContext(system, params, 'op'))})`
    : '';
  const owner = object.owner ? object.fields.get(object.owner) : undefined;
  if (!owner) return [];
  return q.query<Candidate>(
    `select u.id, u.name, coalesce(u.capacity, 1)::float8 as capacity, coalesce(u.skills, '{}') as skills, x.turn::float8 as turn,
       (select count(*)::int from ${object.table} t where t.${owner.column}_id = u.id and t.deleted_at is null
         and not t.id = any(${params.add([...o.without], 'uuid[]')})${open}) as open
     from users u left join assignment_turns x on x.rule = ${params.add(o.rule, 'uuid')} and x.member = u.id
     where u.id = any(${params.add([...o.users], 'uuid[]')}) and u.deleted_at is null and u.active is not false
       and (u.away_until is null or u.away_until < ${params.add(dateIn(ctx.env.now, ctx.env.timeZone), 'date')})`,
    params.values,
  );
}

/** Users by territory: who works it, or who leads it; where that is nobody who is there, those of the one above. */
export async function usersOfTerritories(
  q: Queryable,
  ctx: Pick<Context, 'env'>,
  territories: readonly string[],
): Promise<Map<string, { users: string[]; territory: string }>> {
  const rows = await q.query<{ start: string; users: string[]; name: string }>(
    `with recursive up as (
       select t.id as start, t.id, t.parent_id, t.manager_id, t.name, 1 as n from territories t where t.id = any($1::uuid[]) and t.deleted_at is null
       union all select u.start, t.id, t.parent_id, t.manager_id, t.name, u.n + 1 from up u join territories t on t.id = u.parent_id
         where u.n < 50 and t.deleted_at is null),
     there as (select u.id from users u where u.deleted_at is null and u.active is not false and (u.away_until is null or u.away_until < $2::date)),
     staffed as (
       select up.start, up.n, up.name, coalesce(
         (select array_agg(m.to_id) from territories_members m join there on there.id = m.to_id where m.from_id = up.id),
         (select array[there.id] from there where there.id = up.manager_id)) as users
       from up)
     select distinct on (start) start, users, name from staffed where users is not null order by start, n`,
    [[...territories], dateIn(ctx.env.now, ctx.env.timeZone)],
  );
  return new Map(rows.map(({ start, users, name }) => [start, { users, territory: name }]));
}
