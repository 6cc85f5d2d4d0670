import type { Rules } from '#engine/record/context.ts';

/** Proof is not changed: what somebody says later is a row of its own. Only a merge leads rows to the one record, and undo takes back what was a slip. */
export const consentRules: Rules = {
  object: 'consent',
  before({ ctx, items }) {
    for (const item of items) {
      const undoing = ctx.cause.kind === 'undo';
      if (item.op === 'create') {
        if (item.get('at') === null || item.get('at') === undefined) item.set('at', ctx.env.now.toISOString());
        else if (new Date(String(item.get('at'))).getTime() > ctx.env.now.getTime() + 300_000)
          item.refuse('at', 'range', 'Nobody has said so yet: the time lies ahead.');
        continue;
      }
      if (item.op === 'restore' || undoing) continue;
      if (item.op === 'update' && ctx.cause.kind === 'merge') continue;
      item.refuse('', 'proof', 'Consents are proof and stay as they are. Write down what holds now as a new one.');
    }
  },
};
