import { defineAction } from '#engine/declare/action.ts';
import { date, dateTime, integer, longText, reference, select, text } from '#engine/declare/fields/index.ts';
import { runAction } from '#engine/record/action.ts';
import { transact } from '#engine/record/transact.ts';
import { writeIn } from '#engine/record/write.ts';
import { newId } from '#kit/ids.ts';

/** Records a telephone call with a party and, if asked, the call back that was promised. */
export const logCall = defineAction({
  key: 'logCall',
  verb: 'create',
  input: {
    party: reference({ to: 'party', required: true }),
    subject: text({ required: true, max: 300 }),
    body: longText(),
    direction: select(['inbound', 'outbound'], { default: 'inbound' }),
    outcome: select(['resolved', 'unresolved', 'answered', 'noAnswer', 'followUp']),
    duration: integer({ min: 0 }),
    at: dateTime(),
    callBackOn: date(),
    callBackAt: dateTime(),
  },
});

export const runLogCall = runAction(logCall, async (ctx, input) => {
  const { callBackOn, callBackAt, ...call } = input;
  const interaction = newId();
  const task = callBackOn || callBackAt ? newId() : null;
  return transact(ctx, async (tx) => {
    await writeIn(tx, ctx, ctx.model.object('interaction'), [
      {
        op: 'create',
        id: interaction,
        values: { ...call, at: call.at ?? ctx.env.now.toISOString(), channel: 'phone', kind: 'call', agent: ctx.actor.userId },
      },
    ]);
    if (task)
      await writeIn(tx, ctx, ctx.model.object('task'), [
        {
          op: 'create',
          id: task,
          values: {
            kind: 'callback',
            subject: call.subject,
            party: call.party,
            ...(callBackAt ? { dueAt: callBackAt, reminder: 'onTime' } : { dueOn: callBackOn }),
          },
        },
      ]);
    return { interaction, task };
  });
});
