import type { Actor } from '#engine/access/actor.ts';
import type { RuleBatch, RuleItem, Rules } from '#engine/record/context.ts';
import { placeSubject } from './subject.ts';

/** Who may speak for others, of whom the team is told: whoever may write more than their own, of the teams that they lead. */
export function leads(actor: Actor, team: string | null): boolean {
  if (actor.rights.may('administer')) return true;
  const scope = actor.rights.scope('forecastCall', 'create');
  if (scope === 'own' || scope === 'none') return false;
  return team !== null && actor.teamIds.includes(team);
}

export const callRules: Rules = {
  object: 'forecastCall',
  async before(batch) {
    // What an undo brings back stands as it was said.
    if (batch.ctx.cause.kind === 'undo') return;
    const users = batch.items.map((item) => item.get('user')).filter((user) => typeof user === 'string');
    const teams = await batch.tx.query<{ id: string; team: string | null }>(
      'select id, team_id as team from users where id = any($1::uuid[])',
      [users],
    );
    const teamOf = new Map(teams.map(({ id, team }) => [id, team]));
    for (const item of batch.items) placeCall(batch, item, teamOf);
  },
};

function placeCall(batch: RuleBatch, item: RuleItem, teamOf: ReadonlyMap<string, string | null>): void {
  const { actor, env } = batch.ctx;
  if (item.op === 'restore') return;
  const subject = item.op === 'delete' ? null : placeSubject(item);
  // What Perigon itself brings along stands as it was said.
  if (actor.userId === null) return;
  if (item.op === 'update' && ['user', 'team', 'start', 'every'].some((key) => item.changes(key))) {
    // Moved, it would be the word of somebody who never gave it.
    item.refuse(item.changes('team') ? 'team' : 'user', 'denied', 'A call stays with whom and what it was said of.');
    return;
  }
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
  if (kind === 'override' && !leads(actor, subject.team ?? teamOf.get(subject.user ?? '') ?? null)) {
    item.refuse(subject.team === null ? 'user' : 'team', 'denied', 'You do not lead them.');
    return;
  }
  item.set('kind', kind);
  item.set('saidBy', actor.userId);
  item.set('saidAt', env.now.toISOString());
}
