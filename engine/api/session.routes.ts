import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Actor, systemAs } from '#engine/access/actor.ts';
import { DEVICE_DAYS, rememberDevice } from '#engine/access/devices.ts';
import { waysIn } from '#engine/access/oidc-providers.ts';
import { waysToProve } from '#engine/access/proof.ts';
import { readSecondFactor } from '#engine/access/second-factor.ts';
import { endSession, openSession, type Vouched, wasVouched } from '#engine/access/sessions.ts';
import { isPassword, setPassword, signIn, signInBy, signInByCode, type Visitor } from '#engine/access/sign-in.ts';
import { noteSignIn } from '#engine/access/sign-in-log.ts';
import type { Vault } from '#engine/access/vault.ts';
import type { Context } from '#engine/record/context.ts';
import { readOne } from '#engine/record/read.ts';
import { loadSettings } from '#engine/record/settings.ts';
import { writeOne } from '#engine/record/write.ts';
import { conflict, denied, invalid } from '#kit/errors.ts';
import { type Answer, type Call, type Route, requirePermission, SignInNeeded } from './route.ts';
import { COOKIE, fromOf, signedIn } from './sign-in.routes.ts';

export interface SetUp {
  company: string;
  baseCurrency: string;
  language: string;
  timeZone: string;
  country?: string;
  admin: { name: string; email: string; password: string };
}

/** The cookie between the two steps of a sign-in, sent with the second one alone. */
const STEP = 'perigon_step';
const STEP_PATH = '/api/v1/session/code';
/** The cookie by which a browser is known in which somebody has signed in before; sent with signing in alone. */
const DEVICE = 'perigon_device';
const DEVICE_PATH = '/api/v1/session';

const visitorOf = (request: FastifyRequest): Visitor => ({ from: fromOf(request), device: request.cookies[DEVICE] ?? null });

const SetUpBody = z.strictObject({
  company: z.string().trim().min(1).max(200),
  baseCurrency: z.string().length(3),
  language: z.string().min(2).max(35),
  timeZone: z.string().min(1).max(60),
  country: z.string().length(2).optional(),
  admin: z.strictObject({ name: z.string().trim().min(1).max(200), email: z.string().min(3).max(254), password: z.string().max(200) }),
});

/** What is told of a session. */
export const SESSION = {
  type: 'object',
  properties: {
    user: { type: 'object' },
    company: { type: 'object' },
    roles: { type: 'array', items: { type: 'string' } },
    needsFactor: { type: 'boolean', description: 'A second factor must be set up before anything else' },
    now: { type: 'string', format: 'date-time' },
  },
};

/** Sign-in, sign-out and the first-run set-up. `setUp` is the product's own: it makes roles, pipeline and administrator. */
export const sessionRoutes = (o: {
  setUp(ctx: Context, values: SetUp): Promise<string>;
  forget(): void;
  vault: Vault;
}): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/setup',
    tag: 'session',
    summary: 'Whether the product still has to be set up, and how one signs in',
    open: true,
    answer: {
      type: 'object',
      properties: {
        needed: { type: 'boolean' },
        passwords: { type: 'boolean' },
        providers: { type: 'array', items: { type: 'object', properties: { id: { type: 'string' }, name: { type: 'string' } } } },
      },
      required: ['needed', 'passwords', 'providers'],
    },
    handler: async ({ ctx }) => ({ value: { needed: (await loadSettings(ctx.db)) === null, ...(await waysIn(ctx.db)) } }),
  },
  {
    method: 'POST',
    path: '/api/v1/setup',
    tag: 'session',
    summary: 'Set the product up: company and first administrator',
    open: true,
    body: SetUpBody,
    status: 201,
    answer: SESSION,
    handler: async ({ ctx, body, request, reply }) => {
      if ((await loadSettings(ctx.db)) !== null) throw conflict('Perigon is set up already. Sign in.');
      const userId = await o.setUp(ctx, body as SetUp);
      const token = await openSession(ctx.db, userId, fromOf(request));
      setCookie(request, reply, token);
      await knowDevice({ ctx, request, reply }, userId);
      return { status: 201, value: await describeSession(ctx, userId, token) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/session',
    tag: 'session',
    summary: 'Sign in; 202 where a code is still to be given',
    open: true,
    answer: SESSION,
    body: z.strictObject({ email: z.string().max(254), password: z.string().max(200) }),
    handler: async ({ ctx, body, request, reply }) => {
      const { email, password } = body as { email: string; password: string };
      const done = await signIn(ctx.db, { email, password, ...visitorOf(request) });
      if ('step' in done) return askForCode(request, reply, done.step);
      return { value: await enter({ ctx, request, reply }, done, o.forget) };
    },
  },
  {
    method: 'POST',
    path: STEP_PATH,
    tag: 'session',
    summary: 'Sign in, second step: a code of the authenticator app, or a recovery code',
    open: true,
    answer: SESSION,
    body: z.strictObject({ code: z.string().max(60) }),
    handler: async ({ ctx, body, request, reply }) => {
      const { code } = body as { code: string };
      const done = await signInByCode(ctx.db, o.vault, { step: request.cookies[STEP] ?? '', code, from: fromOf(request) });
      reply.clearCookie(STEP, { path: STEP_PATH });
      return { value: await enter({ ctx, request, reply }, done, o.forget) };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/session',
    tag: 'session',
    summary: 'Who is signed in',
    answer: SESSION,
    handler: async ({ ctx, request }) => {
      if (!ctx.actor.userId) throw new SignInNeeded();
      return { value: await describeSession(ctx, ctx.actor.userId, request.cookies[COOKIE]) };
    },
  },
  {
    method: 'PATCH',
    path: '/api/v1/session',
    tag: 'session',
    summary: 'Set one’s own language and time zone; null takes the company’s',
    answer: SESSION,
    body: z.strictObject({ language: z.string().max(35).nullish(), timeZone: z.string().max(60).nullish() }),
    handler: async ({ ctx, body, request }) => {
      const { userId } = ctx.actor;
      if (!userId || ctx.actor.kind !== 'staff') throw denied('Sign in to change your preferences.');
      const { timeZone } = body as { timeZone?: string | null };
      if (timeZone && !isTimeZone(timeZone))
        throw invalid('There is no such time zone.', [
          { path: 'timeZone', code: 'unknown', detail: 'Expected one such as Europe/Berlin.' },
        ]);
      // How Perigon speaks to somebody is theirs to say, whatever their roles let them do to users; nothing else of the user is.
      await writeOne({ ...ctx, actor: onOwnBehalf(ctx.actor) }, ctx.model.object('user'), {
        op: 'update',
        id: userId,
        values: body as Record<string, unknown>,
      });
      return { value: await describeSession(ctx, userId, request.cookies[COOKIE]) };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/users/{id}/password',
    tag: 'session',
    proof: true,
    summary: 'Set a password: one’s own with the present one, or as administrator another’s; ends that user’s sessions',
    status: 204,
    answer: 'none',
    body: z.strictObject({ password: z.string().max(200), current: z.string().max(200).optional() }),
    handler: async ({ ctx, params, body, request, reply }) => {
      const { password, current } = body as { password: string; current?: string };
      const userId = params.id ?? '';
      const own = userId === ctx.actor.userId;
      // A key that leaked must not become a way in for good.
      const byId = signedIn(ctx);
      await readOne(ctx, ctx.model.object('user'), userId, ['id']);
      if (!own) requirePermission(ctx, 'administer');
      else if ((await waysToProve(ctx.db, userId)).password && !(await isPassword(ctx.db, userId, current ?? '')))
        throw invalid('The present password does not match.', [{ path: 'current', code: 'wrong', detail: 'Not your present password.' }]);
      await setPassword(ctx.db, userId, password);
      await noteSignIn(ctx.db, 'password', { userId, byId, from: fromOf(request) });
      o.forget();
      if (own) setCookie(request, reply, await openSession(ctx.db, userId, fromOf(request)));
      return { status: 204 };
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/session',
    tag: 'session',
    summary: 'Sign out',
    open: true,
    status: 204,
    answer: 'none',
    handler: async ({ ctx, request, reply }) => {
      await leave(ctx, request);
      o.forget();
      reply.clearCookie(COOKIE, { path: '/' });
      return { status: 204 };
    },
  },
];

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The same user in the log, with the rights to write their own record. */
const onOwnBehalf = (actor: Actor): Actor => ({ ...systemAs(actor.name), kind: actor.kind, userId: actor.userId });

function askForCode(request: FastifyRequest, reply: FastifyReply, step: string): Answer {
  const secure = request.protocol === 'https';
  reply.setCookie(STEP, step, { path: STEP_PATH, httpOnly: true, sameSite: 'strict', secure, maxAge: 300 });
  return { status: 202, value: { needs: 'code' } };
}

/** Lets somebody in. What this browser held before is over: nobody who laid a session under it shares the new one. */
export async function enter(
  { ctx, request, reply }: Pick<Call, 'ctx' | 'request' | 'reply'>,
  who: { token: string; userId: string },
  forget: () => void,
): Promise<unknown> {
  if (await leave(ctx, request)) forget();
  setCookie(request, reply, who.token);
  await knowDevice({ ctx, request, reply }, who.userId);
  return describeSession(ctx, who.userId, who.token);
}

/** Lets in who has proved to be a user by another way than their password; a second factor is asked for all the same. */
export async function letIn(
  call: Pick<Call, 'ctx' | 'request' | 'reply'>,
  userId: string,
  forget: () => void,
  by?: Vouched & { asksFactor: boolean },
): Promise<Answer> {
  const done = await signInBy(call.ctx.db, userId, visitorOf(call.request), by);
  if ('step' in done) return askForCode(call.request, call.reply, done.step);
  return { value: await enter(call, done, forget) };
}

/** This browser is known from now on to be one of theirs. */
async function knowDevice({ ctx, request, reply }: Pick<Call, 'ctx' | 'request' | 'reply'>, userId: string): Promise<void> {
  reply.setCookie(DEVICE, await rememberDevice(ctx.db, userId, request.cookies[DEVICE] ?? null), {
    path: DEVICE_PATH,
    httpOnly: true,
    sameSite: 'strict',
    secure: request.protocol === 'https',
    maxAge: DEVICE_DAYS * 86_400,
  });
}

async function leave(ctx: Context, request: FastifyRequest): Promise<boolean> {
  const token = request.cookies[COOKIE];
  return token !== undefined && (await endSession(ctx.db, token, fromOf(request)));
}

function setCookie(request: FastifyRequest, reply: FastifyReply, token: string): void {
  reply.setCookie(COOKIE, token, { path: '/', httpOnly: true, sameSite: 'lax', secure: request.protocol === 'https', maxAge: 14 * 86_400 });
}

async function describeSession(ctx: Context, userId: string, token: string | undefined): Promise<unknown> {
  const [user] = await ctx.db.query<{
    id: string;
    name: string;
    email: string | null;
    language: string | null;
    timeZone: string | null;
    roles: string[];
  }>(
    `select u.id, u.name, u.email, u.language, u.time_zone as "timeZone", array(select r.key from users_roles l join roles r on r.id = l.to_id where l.from_id = u.id order by 1) as roles from users u where u.id = $1::uuid`,
    [userId],
  );
  const { roles, ...rest } = user ?? { roles: [] };
  const factor = await readSecondFactor(ctx.db, userId);
  // The clock that `today` of every condition goes by: a page beside it need not trust its own.
  return {
    user: rest,
    company: await loadSettings(ctx.db),
    roles,
    needsFactor:
      factor.demanded && factor.since === null && factor.passkeys === 0 && !(token !== undefined && (await wasVouched(ctx.db, token))),
    now: new Date().toISOString(),
  };
}
