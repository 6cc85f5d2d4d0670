import { defineAction } from '#engine/declare/action.ts';
import { longText, money, select } from '#engine/declare/fields/index.ts';
import { runAction } from '#engine/record/action.ts';
import { write } from '#engine/record/write.ts';
import { DECISION_MAKERS, TIMEFRAMES } from './lead.object.ts';

/** Says what is known of leads and that they are worth going on with; what the company needs for that is asked by their own fields. */
export const qualifyLead = defineAction({
  key: 'qualifyLead',
  object: 'lead',
  verb: 'update',
  bulk: true,
  input: {
    need: longText({ max: 1000 }),
    budget: money(),
    timeframe: select(TIMEFRAMES),
    decisionMaker: select(DECISION_MAKERS),
  },
});

export const runQualifyLead = runAction(qualifyLead, async (ctx, input, ids) => {
  const said = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null && value !== undefined));
  const results = await write(
    ctx,
    ctx.model.object('lead'),
    ids.map((id) => ({ op: 'update', id, values: { ...said, status: 'qualified' } })),
  );
  return { changed: results.filter((result) => result.ok && result.changed).length };
});
