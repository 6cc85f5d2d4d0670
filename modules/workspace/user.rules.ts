import type { Rules } from '#engine/record/context.ts';
import { invalid } from '#kit/errors.ts';

/** A company always keeps one active administrator, and signing in ends with the account. */
export const userRules: Rules = {
  object: 'user',
  async after({ tx, items }) {
    const touched = items.filter((item) => item.op === 'delete' || item.changes('active') || item.changes('roles'));
    if (touched.length === 0 || items.every((item) => item.op === 'create')) return;
    const off = touched.filter((item) => item.op === 'delete' || item.get('active') === false).map((item) => item.id);
    if (off.length > 0) {
      await tx.query('delete from sessions where user_id = any($1::uuid[])', [off]);
      await tx.query('update api_keys set revoked_at = coalesce(revoked_at, now()) where user_id = any($1::uuid[])', [off]);
    }
    const [left] = await tx.query<{ n: number }>(
      `select count(*)::int as n from users u join users_roles l on l.from_id = u.id join roles r on r.id = l.to_id and r.deleted_at is null and r.rights->'may' ? 'administer'
       where u.deleted_at is null and u.active is not false`,
    );
    if ((left?.n ?? 0) === 0)
      throw invalid('A company needs one active administrator.', [
        { path: 'roles', code: 'lastAdministrator', detail: 'Make someone else administrator first.' },
      ]);
  },
};
