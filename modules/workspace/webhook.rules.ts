import { requireProof } from '#engine/access/proof.ts';
import type { Predicate } from '#engine/declare/condition.ts';
import { bindPredicate } from '#engine/declare/predicate.ts';
import { beginWebhooks, endWebhooks } from '#engine/outbox/webhooks.ts';
import { bindContext, type Context, type RuleItem, type Rules } from '#engine/record/context.ts';
import { isPerigonError } from '#kit/errors.ts';

/** What says what is told and where to: whoever changes it lends it their rights. */
const TELLING = ['url', 'objects', 'actions', 'condition'] as const;

/** Webhooks are an administrator's, whatever else a role grants: they carry data out of the house. */
export const webhookRules: Rules = {
  object: 'webhook',
  before({ ctx, items }) {
    for (const item of items) {
      // Perigon itself switches off what cannot be reached.
      if (ctx.actor.kind === 'system') continue;
      if (!ctx.actor.rights.may('administer')) item.refuse('', 'denied', 'Only an administrator keeps webhooks.');
      if (item.op === 'delete') continue;
      checkTelling(ctx, item);
      const begins = item.op === 'restore' || (item.changes('active') && item.get('active') === true);
      if (!begins && !TELLING.some((key) => item.changes(key))) continue;
      requireProof(ctx.actor);
      item.set('actsFor', ctx.actor.userId);
      item.set('problem', null);
    }
  },
  async after({ tx, items }) {
    const began = items.filter(
      (item) => item.op === 'create' || item.op === 'restore' || (item.changes('active') && item.get('active') === true),
    );
    const ended = items.filter((item) => item.op === 'delete' || (item.op === 'update' && item.get('active') !== true));
    await beginWebhooks(
      tx,
      began.map(({ id }) => id),
    );
    await endWebhooks(
      tx,
      ended.map(({ id }) => id),
    );
  },
};

function checkTelling(ctx: Context, item: RuleItem): void {
  const objects = item.get('objects');
  if (!Array.isArray(objects) || objects.length === 0) {
    item.refuse('objects', 'required', 'Name the objects it tells of.');
    return;
  }
  const actions = item.get('actions');
  if (Array.isArray(actions) && actions.length === 0) item.refuse('actions', 'required', 'A value is needed.');
  const condition = item.get('condition');
  for (const key of objects) {
    const object = typeof key === 'string' ? ctx.model.objects.get(key) : undefined;
    if (!object) {
      item.refuse('objects', 'unknownObject', 'There is no such object.');
      continue;
    }
    if (condition === null || condition === undefined || !(item.changes('condition') || item.changes('objects'))) continue;
    try {
      bindPredicate(bindContext(ctx), object, condition as Predicate);
    } catch (error) {
      if (!isPerigonError(error)) throw error;
      for (const { path, code, detail } of error.errors) item.refuse(['condition', path].filter(Boolean).join('.'), code, detail);
    }
  }
}
