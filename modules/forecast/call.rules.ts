import type { RuleBatch, RuleItem, Rules } from '#engine/record/context.ts';
import { placeSubject, type Subject } from './subject.ts';

/** Who may speak for others: whoever may write more than their own, of the teams that they lead. */
async function leads({ ctx, tx }: RuleBatch, subject: Subject): Promise<boolean> {
  const { actor } = ctx;
  if (actor.rights.may('administer')) return true;
  if (actor.rights.scope('forecastCall', 'create') === 'own') return false;
  if (subject.team !== null) return actor.teamIds.includes(subject.team);
  const [found] = await tx.query<{ team: string | null }>('select team_id as team from users where id = $1::uuid', [subject.user]);
  return found?.team != null && actor.teamIds.includes(found.team);
}

export const callRules: Rules = {
  object: 'forecastCall',
  async before(batch) {
    for (const item of batch.items) await placeCall(batch, item);
  },
};

async function placeCall(batch: RuleBatch, item: RuleItem): Promise<void> {
  const { actor, env } = batch.ctx;
  if (item.op === 'restore') return;
  const subject = item.op === 'delete' ? null : placeSubject(item);
  // What is undone or brought along stands as it was said.
  if (actor.userId === null) return;
  const kind = String(item.before?.user ?? '') === actor.userId || subject?.user === actor.userId ? 'submitted' : 'override';
  if (item.before && item.before.kind !== kind) {
    item.refuse('amount', 'denied', 'Only who said this changes it or takes it back.');
    return;
  }
  if (!subject) return;
  const said = item.get('amount') as { currency: string } | null;
  if (said && said.currency !== env.baseCurrency) {
    item.refuse('amount', 'currency', `A forecast is told in the company's currency, ${env.baseCurrency}.`);
    return;
  }
  if (kind === 'override' && !(await leads(batch, subject))) {
    item.refuse(subject.team === null ? 'user' : 'team', 'denied', 'You do not lead them.');
    return;
  }
  item.set('kind', kind);
  item.set('saidBy', actor.userId);
  item.set('saidAt', env.now.toISOString());
}
