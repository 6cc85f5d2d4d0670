import type { Rights } from '#engine/access/actor.ts';
import { requireProof } from '#engine/access/proof.ts';
import { faultOfRights, locksOut } from '#engine/access/rights.ts';
import type { Context, RuleItem, Rules } from '#engine/record/context.ts';
import type { Tx } from '#engine/store/db.ts';
import { invalid } from '#kit/errors.ts';

/**
 * What roles open is for administrators to say: whoever could write rights, or give roles, could give themselves everything. A
 * role that makes administrators cannot shut them out, and one active administrator is always left.
 */
export const roleRules: Rules = {
  object: 'role',
  before({ ctx, items }) {
    for (const item of items) {
      if (item.op === 'delete') requireProof(ctx.actor);
      if (item.op === 'delete' || (item.op === 'update' && !item.changes('rights'))) continue;
      forAdministrators(ctx, item, 'rights');
      const fault = faultOfRights(item.get('rights'));
      if (fault) item.refuse(`rights${fault.path ? `.${fault.path}` : ''}`, 'rights', fault.detail);
      else if (locksOut(item.get('rights') as Rights))
        item.refuse('rights', 'lockOut', 'Who may administer must be able to read and change all users and roles, with their rights.');
    }
  },
  async after({ tx, items }) {
    const administers = (item: RuleItem) => ((item.before?.rights as Rights | undefined)?.may ?? []).includes('administer');
    if (items.some((item) => administers(item) && (item.op === 'delete' || item.changes('rights')))) await keepAdministrator(tx, 'rights');
  },
};

/** Refuses what only administrators may write, and only having just proved to be themselves. */
export function forAdministrators(ctx: Context, item: RuleItem, key: string): void {
  if (!ctx.actor.rights.may('administer')) item.refuse(key, 'administer', 'Only administrators say who may do what.');
  else requireProof(ctx.actor);
}

/** Refuses a write that leaves the company without an active administrator. */
export async function keepAdministrator(tx: Tx, path: string): Promise<void> {
  const [left] = await tx.query<{ n: number }>(
    `select count(*)::int as n from users u join users_roles l on l.from_id = u.id join roles r on r.id = l.to_id and r.deleted_at is null and r.rights->'may' ? 'administer'
     where u.deleted_at is null and u.active is not false`,
  );
  if ((left?.n ?? 0) === 0)
    throw invalid('A company needs one active administrator.', [
      { path, code: 'lastAdministrator', detail: 'Make someone else administrator first.' },
    ]);
}
