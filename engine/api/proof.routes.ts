import { z } from 'zod';
import { type Proof, prove, waysToProve } from '#engine/access/proof.ts';
import type { Vault } from '#engine/access/vault.ts';
import { ASSERTION } from './passkeys.routes.ts';
import { placeOf } from './place.ts';
import type { Route } from './route.ts';
import { COOKIE, fromOf, signedIn } from './sign-in.routes.ts';

/** Who sits there proves that it is them, for the dangerous acts of the next ten minutes. */
export const proofRoutes = (o: { forget(): void; vault: Vault }): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/sign-in/proof',
    tag: 'session',
    summary: 'By what I can prove that it is me',
    answer: { type: 'object', properties: { password: { type: 'boolean' }, code: { type: 'boolean' }, passkey: { type: 'boolean' } } },
    handler: async ({ ctx }) => ({ value: await waysToProve(ctx.db, signedIn(ctx)) }),
  },
  {
    method: 'POST',
    path: '/api/v1/sign-in/proof',
    tag: 'session',
    summary:
      'Prove that it is me, by password, by a code or by a passkey; dangerous acts ask for it when the last proof is older than ten minutes',
    body: z.union([z.strictObject({ password: z.string().max(200) }), z.strictObject({ code: z.string().max(60) }), ASSERTION]),
    status: 204,
    answer: 'none',
    handler: async ({ ctx, body, request }) => {
      const userId = signedIn(ctx);
      const given = body as Proof;
      await prove(ctx.db, o.vault, { given, place: placeOf(request), token: request.cookies[COOKIE] ?? '', userId, from: fromOf(request) });
      o.forget();
      return { status: 204 };
    },
  },
];
