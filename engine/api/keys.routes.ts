import { z } from 'zod';
import { apiKeyOwner, createApiKey, listApiKeys, revokeApiKey } from '#engine/access/sign-in.ts';
import { noteSignIn } from '#engine/access/sign-in-log.ts';
import { readScope } from '#engine/declare/scopes.ts';
import type { Context } from '#engine/record/context.ts';
import { denied, invalid, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { type Route, requirePermission } from './route.ts';
import { fromOf, meant, signedIn, WHOSE } from './sign-in.routes.ts';

/** API keys: made by who sits there, seen and revoked by their owner and by administrators. */
export const keyRoutes = (o: { forget(): void }): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/keys',
    tag: 'keys',
    summary: 'My API keys; for administrators somebody’s',
    query: WHOSE,
    answer: { type: 'object' },
    handler: async ({ ctx, query }) => ({
      value: { items: await listApiKeys(ctx.db, query.user === undefined ? ownerOf(ctx) : await meant(ctx, query.user)) },
    }),
  },
  {
    method: 'POST',
    path: '/api/v1/keys',
    tag: 'keys',
    proof: true,
    summary: 'Make an API key; its secret is shown once',
    status: 201,
    answer: { type: 'object' },
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      scopes: z
        .array(z.string().max(90))
        .max(200)
        .nullish()
        .describe(
          'What of my rights it has: `read`, `write` (reads, too), `read:<plural>`, `write:<plural>`, and by name alone `import`, `export`, `admin`; without any all that I may',
        ),
      expiresAt: z.iso.datetime().nullish().describe('A year from now unless given; null for a key without an end'),
    }),
    handler: async ({ ctx, body, request }) => {
      if (ctx.actor.kind === 'apiKey') throw denied('A key cannot make keys. Sign in.');
      requirePermission(ctx, 'manageKeys');
      const userId = signedIn(ctx);
      const wish = body as { name: string; scopes?: string[] | null; expiresAt?: string | null };
      if (wish.expiresAt && Date.parse(wish.expiresAt) <= Date.now())
        throw invalid('The key would have ended already.', [{ path: 'expiresAt', code: 'past', detail: 'Give a time to come.' }]);
      // What nobody can read is refused below, with the ways to write it.
      const unknown = wish.scopes?.find((scope) => {
        const object = readScope(scope.trim())?.object;
        return object !== undefined && !ctx.model.byPlural.has(object);
      });
      if (unknown !== undefined)
        throw invalid('A scope names no object.', [
          { path: 'scopes', code: 'unknownObject', detail: `“${unknown.slice(0, 60)}” names no object that there is.` },
        ]);
      const made = await createApiKey(ctx.db, { userId, ...wish });
      await noteSignIn(ctx.db, 'key', { userId, byId: userId, from: fromOf(request) });
      return { status: 201, value: made };
    },
  },
  {
    method: 'DELETE',
    path: '/api/v1/keys/{id}',
    tag: 'keys',
    summary: 'Revoke an API key of mine; for administrators anybody’s',
    status: 204,
    answer: 'none',
    handler: async ({ ctx, params, request }) => {
      const self = ownerOf(ctx);
      const id = params.id ?? '';
      const userId = isId(id) ? await apiKeyOwner(ctx.db, id) : null;
      // A key that leaked must not end those of others.
      const may = userId === self || (ctx.actor.kind === 'staff' && ctx.actor.rights.may('administer'));
      if (userId === null || !may || !(await revokeApiKey(ctx.db, userId, id))) throw notFound('There is no such key.');
      await noteSignIn(ctx.db, 'noKey', { userId, byId: self, from: fromOf(request) });
      // What was opened with it ends now, streams on other servers, too.
      o.forget();
      return { status: 204 };
    },
  },
];

/** Whose keys are meant; a key looks after others only where it may administer. */
function ownerOf(ctx: Context): string {
  const { kind, userId } = ctx.actor;
  if (userId === null) throw denied();
  if (kind === 'apiKey') requirePermission(ctx, 'manageKeys');
  return userId;
}
