import { createHash, randomBytes } from 'node:crypto';
import { requireVerb } from '#engine/access/policy.ts';
import type { FlowShape } from '#engine/declare/flow.ts';
import { type Finding, type FindingCode, flowFindings } from '#engine/declare/flow-findings.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import { transact } from '#engine/record/transact.ts';
import { writeIn } from '#engine/record/write.ts';
import type { Tx } from '#engine/store/db.ts';
import { denied, invalid } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { stopRunsOf } from './runs.ts';
import { nextOccurrence } from './schedule.ts';
import { readFlow } from './shape.ts';

/** Switching flows on and off: by administrators, each time as a version that stays as it is. */

const administrator = (ctx: Context): string => {
  requireVerb(ctx.actor, ctx.model.object('flow'), 'read');
  if (!ctx.actor.rights.may('administer') || ctx.actor.userId === null) throw denied('Only an administrator switches flows on and off.');
  return ctx.actor.userId;
};

/** What is wrong with a drawing, at its steps. */
export async function checkFlow(ctx: Context, definition: unknown): Promise<Finding[]> {
  requireVerb(ctx.actor, ctx.model.object('flow'), 'read');
  const shape = readFlow(definition);
  return [...flowFindings(ctx.model, shape, ctx.env), ...(await absent(ctx, shape))];
}

/** Colleagues whom steps name and who are not there, or no longer active. */
async function absent(ctx: Context, shape: FlowShape): Promise<Finding[]> {
  const named = Object.entries(shape.steps).flatMap(([step, one]) => {
    if (one.do === 'assign') return one.users.map((user) => ({ step, path: 'users', user }));
    if (one.do === 'notify') return (one.to.users ?? []).map((user) => ({ step, path: 'to.users', user }));
    return one.do === 'approve' ? (one.by.users ?? []).map((user) => ({ step, path: 'by.users', user })) : [];
  });
  const asked = named.filter(({ user }) => isId(user));
  const there = await ctx.db.query<{ id: string }>(
    'select id from users where id = any($1::uuid[]) and deleted_at is null and active is not false',
    [asked.map(({ user }) => user)],
  );
  const known = new Set(there.map(({ id }) => id));
  return asked
    .filter(({ user }) => !known.has(user))
    .map(({ step, path }) => ({
      step,
      path,
      code: 'inactive' satisfies FindingCode,
      detail: 'One of these colleagues is no longer active.',
    }));
}

/** Switches a flow on as it is drawn now; refused with every finding. Runs that are under way stay on their version. */
export async function switchOn(ctx: Context, id: string): Promise<{ version: number }> {
  const by = administrator(ctx);
  const object = ctx.model.object('flow');
  const record = JSON.parse((await readOne(ctx, object, id, ['name', 'definition'])).json) as { name: string; definition: unknown };
  if (record.definition === null)
    throw invalid('Nothing is drawn yet.', [{ path: 'definition', code: 'required', detail: 'Nothing is drawn yet.' }]);
  const shape = readFlow(record.definition, 'definition');
  const findings = [...flowFindings(ctx.model, shape, ctx.env), ...(await absent(ctx, shape))];
  if (findings.length > 0)
    throw invalid(
      'The flow cannot be switched on yet.',
      findings.map(({ step, path, code, detail }) => ({
        path: ['definition', ...(step === null ? [] : ['steps', step]), path].filter(Boolean).join('.'),
        code,
        detail,
      })),
    );
  return transact(ctx, async (tx) => {
    const [made] = await tx.query<{ version: number }>(
      `insert into flow_versions (flow, version, name, object, shape, by_user, from_seq)
       select $1::uuid, coalesce(max(version), 0) + 1, $2::text, $3::text, $4::jsonb, $5::uuid, (select coalesce(max(seq), 0) from changes)
       from flow_versions where flow = $1::uuid returning version`,
      [id, record.name, shape.object, JSON.stringify(shape), by],
    );
    const version = made?.version ?? 1;
    await writeIn(
      tx,
      ctx,
      object,
      [{ op: 'update', id, values: { active: true, activeVersion: version, activatedBy: by, activatedAt: ctx.env.now.toISOString() } }],
      { trusted: true },
    );
    await wind(tx, ctx, id, version, shape);
    return { version };
  });
}

/** Sets the clock of a flow on a schedule, and takes that of any other away. */
async function wind(tx: Tx, ctx: Context, flow: string, version: number, { trigger }: FlowShape): Promise<void> {
  await tx.query('delete from flow_clocks where flow = $1::uuid', [flow]);
  if (trigger.on !== 'schedule') return;
  await tx.query('insert into flow_clocks (flow, version, next_at) values ($1::uuid, $2::int, $3::timestamptz)', [
    flow,
    version,
    nextOccurrence(trigger, ctx.env.now, ctx.env.timeZone).toISOString(),
  ]);
}

/** Switches a flow off: nothing starts any more. Runs under way end as they would, or are stopped where told so. */
export async function switchOff(ctx: Context, id: string, stop: boolean): Promise<{ stopped: number }> {
  administrator(ctx);
  const object = ctx.model.object('flow');
  await readOne(ctx, object, id, ['id']);
  return transact(ctx, async (tx) => {
    await writeIn(tx, ctx, object, [{ op: 'update', id, values: { active: false } }], { trusted: true });
    await tx.query('delete from flow_clocks where flow = $1::uuid', [id]);
    return { stopped: stop ? await stopRunsOf(tx, [id], 'The flow was switched off.') : 0 };
  });
}

export const SECRETS = ['inbound', 'webhook'] as const;

/** A new secret of a flow, given once: the one others post with (of which only a digest is kept), or the one its webhooks are signed with. */
export async function newSecret(ctx: Context, id: string, kind: (typeof SECRETS)[number]): Promise<string> {
  administrator(ctx);
  await readOne(ctx, ctx.model.object('flow'), id, ['id']);
  const bytes = randomBytes(32);
  const secret = kind === 'inbound' ? bytes.toString('base64url') : `whsec_${bytes.toString('base64')}`;
  await ctx.db.query(
    'insert into flow_secrets (flow, kind, secret) values ($1::uuid, $2::text, $3::text) on conflict (flow, kind) do update set secret = excluded.secret',
    [id, kind, kind === 'inbound' ? digestOf(secret) : secret],
  );
  return secret;
}

/** Under which the secret of an inbound address is kept. */
export const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('base64');
