import { addNotices } from '#engine/notify/notices.ts';
import type { Db } from '#engine/store/db.ts';
import { Params } from '#engine/store/sql.ts';
import { openSql } from './score-leads.ts';

/**
 * Tells administrators of leads of the last days that came where rules give leads out and that none has taken: once for each, and no more while
 * somebody has not read what they were told. Gives whom there is something new for.
 */
export const tellUnassigned = (db: Db): Promise<string[]> =>
  db.transaction(async (tx) => {
    const params = new Params();
    const [found] = await tx.query<{ n: number; first: string | null }>(
      `select count(*)::int as n, (array_agg(t.id order by t.created_at))[1] as first from leads t
       where ${openSql('t', params)} and t.owner_id is null and t.suspect is not true
         and exists (select 1 from assignment_rules r where r.object = 'lead' and r.deleted_at is null and r.active is not false)
         and t.created_at > now() - interval '7 days'
         and t.created_at > coalesce((select max(n.at) from notices n where n.kind = 'unassigned'), '-infinity')`,
      params.values,
    );
    if (!found?.first) return [];
    const { n: count, first: record } = found;
    const admins = await tx.query<{ user: string }>(
      `select u.id as "user" from users u where u.deleted_at is null and u.active is not false
         and exists (select 1 from users_roles l join roles r on r.id = l.to_id and r.deleted_at is null
           where l.from_id = u.id and r.rights -> 'may' ? 'administer')
         and not exists (select 1 from notices n where n.user_id = u.id and n.kind = 'unassigned' and n.read_at is null)`,
    );
    return addNotices(
      tx,
      admins.map(({ user }) => ({ user, kind: 'unassigned', object: 'lead', record, count, actor: null, cause: null, job: null })),
    );
  });
