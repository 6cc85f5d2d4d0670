import { requireProof } from '#engine/access/proof.ts';
import type { Rules } from '#engine/record/context.ts';
import { isWeekHours } from '#kit/hours.ts';
import { forAdministrators, keepAdministrator } from './role.rules.ts';

/** Roles are given by administrators, of whom one active is always left; signing in ends with the account. */
export const userRules: Rules = {
  object: 'user',
  before({ ctx, items }) {
    for (const item of items) {
      const given = item.get('roles');
      // Whoever moves an address moves the way in.
      if (item.op === 'update' && item.changes('email')) requireProof(ctx.actor);
      // Taking a role away may widen what its holder reaches, where the role held fields back.
      if (item.op === 'update' && item.changes('roles')) forAdministrators(ctx, item, 'roles');
      // A provider's verified e-mail opens whose it is here.
      if (item.op === 'update' && item.changes('email')) forAdministrators(ctx, item, 'email');
      if (item.changes('workingHours') && item.get('workingHours') != null && !isWeekHours(item.get('workingHours')))
        item.refuse('workingHours', 'hours', 'Hours are written as 09:00-12:00, 13:00-17:00, each after the other.');
      if (item.op === 'create' && Array.isArray(given) && given.length > 0) forAdministrators(ctx, item, 'roles');
    }
  },
  async after({ tx, items }) {
    const touched = items.filter((item) => item.op === 'delete' || item.changes('active') || item.changes('roles'));
    if (touched.length === 0 || items.every((item) => item.op === 'create')) return;
    const off = touched.filter((item) => item.op === 'delete' || item.get('active') === false).map((item) => item.id);
    if (off.length > 0) {
      await tx.query('delete from sessions where user_id = any($1::uuid[])', [off]);
      await tx.query('update api_keys set revoked_at = coalesce(revoked_at, now()) where user_id = any($1::uuid[])', [off]);
      await tx.query('update oauth_grants set revoked_at = coalesce(revoked_at, now()) where user_id = any($1::uuid[])', [off]);
    }
    await keepAdministrator(tx, 'roles');
  },
};
