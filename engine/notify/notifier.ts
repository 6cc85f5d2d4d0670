import { loadActor } from '#engine/access/sign-in.ts';
import type { Model } from '#engine/declare/model.ts';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Cause } from '#engine/record/context.ts';
import { LogConsumer } from '#engine/record/log-consumer.ts';
import type { ModelSource } from '#engine/record/model-source.ts';
import type { Db, Tx } from '#engine/store/db.ts';
import { isId } from '#kit/ids.ts';
import type { JsonObject } from '#kit/json.ts';
import { addNotices, type NewNotice, readableTitles } from './notices.ts';

const LOCK = 0x6e6f7469;

interface Row {
  object: string;
  record_id: string;
  action: string;
  cause: string;
  before: JsonObject | null;
  after: JsonObject | null;
}

/** Causes whose records nobody is told of one by one: what came with a file, a seed or an undo was not given to anybody just now; of a booking its hosts are told as such. */
const QUIET = ['import', 'seed', 'sample', 'setup', 'undo', 'booking'];

/**
 * Tells people of what concerns them, from the log: a record whose user field now names them, a text that mentions them. Not of
 * what they did themselves, and not of what they may not read.
 */
export function notifier(o: {
  db: Db;
  models: ModelSource;
  tell(users: string[]): void;
  log(message: string, error?: unknown): void;
}): LogConsumer<Row> {
  let told: string[] = [];
  return new LogConsumer<Row>({
    db: o.db,
    name: 'notices',
    lock: LOCK,
    columns: 'object, record_id, action, cause, before, after',
    where: async () => concerning(await o.models.newest()),
    batch: 2500,
    gather: 100,
    log: o.log,
    async take(tx, rows) {
      told = await addNotices(tx, await noticesOf(tx, o.db, o.models.current, rows));
    },
    taken() {
      if (told.length > 0) o.tell(told);
    },
  });
}

/** Rows of the log that may concern somebody: of objects with a user or a rich text, written by a cause that is not quiet. */
function concerning(model: Model): string {
  const objects = [...model.objects.values()].filter((object) =>
    object.declared.some((field) => field.type === 'user' || field.type === 'richText'),
  );
  const list = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ');
  return `action in ('create', 'update') and object in (${list(objects.map((object) => object.key))})
    and not exists (select 1 from causes c where c.id = changes.cause and c.kind in (${list(QUIET)}))`;
}

/** Whom a change concerns, and how: by the object's declared fields. Pure. */
export function concerns(
  object: ModelObject,
  row: Pick<Row, 'action' | 'before' | 'after'>,
): { user: string; kind: 'assigned' | 'mentioned' }[] {
  if (row.action !== 'create' && row.action !== 'update') return [];
  // With whom a record is shared is told of that record (`sharedWith`), not of the share.
  if (object.about) return [];
  const found: { user: string; kind: 'assigned' | 'mentioned' }[] = [];
  for (const field of object.declared) {
    const now = row.after?.[field.key];
    if (now === undefined || now === null) continue;
    if (field.type === 'user' && isId(now)) found.push({ user: now, kind: 'assigned' });
    if (field.type === 'richText' && typeof now === 'string') {
      const before = row.before?.[field.key];
      const known = new Set(typeof before === 'string' ? mentioned(before) : []);
      for (const user of new Set(mentioned(now))) if (!known.has(user)) found.push({ user, kind: 'mentioned' });
    }
  }
  return found;
}

/** Users that a text mentions. */
export const mentioned = (html: string): string[] =>
  [...html.matchAll(/data-mention="([0-9a-f-]{36})"/g)].flatMap(([, id]) => (isId(id) ? [id] : []));

interface Wanted {
  user: string;
  kind: 'assigned' | 'mentioned' | 'shared';
  row: Row;
}

/** Members of a team who are told of one share. */
const MEMBERS = 200;

/** Who was given a record: the colleague, or those in the team. The row then stands for the record itself. */
async function sharedWith(tx: Tx, rows: readonly Row[]): Promise<Wanted[]> {
  const shares = rows.filter((row) => row.object === 'share' && row.action === 'create' && isId(row.after?.record));
  const teams = [...new Set(shares.map((row) => row.after?.team).filter(isId))];
  const members =
    teams.length === 0
      ? []
      : await tx.query<{ id: string; team: string }>(
          `select u.id, u.team_id as team from unnest($1::uuid[]) t (id) cross join lateral
             (select m.id, m.team_id from users m where m.team_id = t.id and m.deleted_at is null and m.active is not false order by m.id limit ${MEMBERS}) u`,
          [teams],
        );
  return shares.flatMap((row) => {
    const of = { ...row, object: String(row.after?.object), record_id: String(row.after?.record) };
    const users = isId(row.after?.user) ? [row.after.user] : members.filter(({ team }) => team === row.after?.team).map(({ id }) => id);
    return users.map((user): Wanted => ({ user, kind: 'shared', row: of }));
  });
}

async function noticesOf(tx: Tx, db: Db, model: Model, rows: readonly Row[]): Promise<NewNotice[]> {
  const wanted: Wanted[] = rows.flatMap((row) => {
    const object = model.objects.get(row.object);
    return object ? concerns(object, row).map((concern) => ({ ...concern, row })) : [];
  });
  wanted.push(...(await sharedWith(tx, rows)));
  if (wanted.length === 0) return [];
  const causes = new Map(
    (
      await tx.query<{ id: string; kind: Cause['kind']; actor: string | null }>(
        'select id, kind, actor_id as actor from causes where id = any($1::uuid[])',
        [[...new Set(wanted.map(({ row }) => row.cause))]],
      )
    ).map((cause) => [cause.id, cause]),
  );
  const notices = new Map<string, NewNotice & { records: string[] }>();
  for (const { user, kind: how, row } of wanted) {
    const cause = causes.get(row.cause);
    // A successor is told of the customers even when it was they who took over: the notice leads to the briefs.
    const handedOver = cause?.kind === 'handOver' && how === 'assigned' && row.object === 'party';
    if (!cause || (cause.actor === user && !handedOver)) continue;
    const kind = handedOver ? 'handedOver' : how;
    const key = `${user} ${kind} ${row.object} ${row.cause}`;
    const notice = notices.get(key);
    if (notice) notice.records.push(row.record_id);
    else
      notices.set(key, {
        user,
        kind,
        object: row.object,
        record: row.record_id,
        records: [row.record_id],
        count: 0,
        actor: cause.actor,
        cause: row.cause,
        job: null,
      });
  }
  const result: NewNotice[] = [];
  for (const { records, ...notice } of notices.values()) {
    const object = model.objects.get(notice.object ?? '');
    const actor = await loadActor(db, notice.user);
    if (!object || !actor) continue;
    const readable = await readableTitles({ db, model, actor }, object, records);
    const [first] = readable.keys();
    if (first !== undefined) result.push({ ...notice, record: first, count: readable.size });
  }
  return result;
}
