import type { Model } from '#engine/declare/model.ts';
import type { Queryable } from '#engine/store/db.ts';
import type { JsonObject } from '#kit/json.ts';

/** One row of the log as the live stream reads it: what changed, never to what. */
export interface FeedRow {
  seq: number;
  object: string;
  id: string;
  party: string | null;
  action: 'create' | 'update' | 'delete' | 'restore';
  version: number;
  /** Fields that were written, whoever may know of them. */
  keys: string[];
  /** Earlier values of the fields that decide who may see the record, where this row changed them. */
  before: JsonObject | null;
  cause: string;
  byId: string | null;
  byName: string | null;
}

/** So many records of one object under one cause that each by itself tells nobody anything. */
export interface FeedBulk {
  seq: number;
  object: string;
  cause: string;
}

/** Above this many records of an object and cause in one reading they are told as one. */
export const MANY = 200;

/** The fields by which scopes reach records: owner, account team, territory, party. */
const decidingKeys = (model: Model): string[] => [
  ...new Set(
    [...model.objects.values()].flatMap((object) =>
      [object.owner, object.team, object.territory, object.party].filter((key) => key !== undefined),
    ),
  ),
];

/** Settled rows of the log after `from` up to `to`, in order, with what is too many folded. */
export async function readFeed(q: Queryable, model: Model, from: number, to: number): Promise<{ rows: FeedRow[]; bulks: FeedBulk[] }> {
  const bulks =
    to - from <= MANY
      ? []
      : await q.query<FeedBulk>(
          `select max(seq) as seq, object, cause from changes where seq > $1::bigint and seq <= $2::bigint
           group by object, cause having count(*) > ${MANY} order by 1`,
          [from, to],
        );
  const rows = await q.query<FeedRow>(
    `select c.seq, c.object, c.record_id as id, c.party_id as party, c.action, c.version, c.cause,
       array(select jsonb_object_keys(coalesce(c.before, '{}') || coalesce(c.after, '{}'))) as keys,
       case when c.action = 'update' then (select jsonb_object_agg(k, c.before -> k) from unnest($3::text[]) k where c.before ? k) end as before,
       u.actor_id as "byId", a.name as "byName"
     from changes c join causes u on u.id = c.cause left join users a on a.id = u.actor_id
     where c.seq > $1::bigint and c.seq <= $2::bigint
       and not exists (select 1 from unnest($4::text[], $5::uuid[]) as b(object, cause) where b.object = c.object and b.cause = c.cause)
     order by c.seq`,
    [from, to, decidingKeys(model), bulks.map((bulk) => bulk.object), bulks.map((bulk) => bulk.cause)],
  );
  return { rows, bulks };
}
