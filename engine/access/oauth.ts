import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { instantText } from '#engine/declare/field.ts';
import { parseScopes, within } from '#engine/declare/scopes.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { newId } from '#kit/ids.ts';
import { type Client, isRegistered } from './oauth-clients.ts';

/**
 * Perigon as authorization server (OAuth 2.1): codes with PKCE alone, short access tokens, refresh tokens that are exchanged with each
 * use. Whatever is presented twice that opens once (a code, a refresh token) ends all that was opened by it: one of the two who hold it
 * stole it. Of codes and tokens the digests alone are kept.
 */

const CODE_SECONDS = 60;
export const ACCESS_SECONDS = 900;
const REFRESH_DAYS = 60;
export const ACCESS_PREFIX = 'perigon_at_';
const REFRESH_PREFIX = 'perigon_rt_';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const random = (): string => randomBytes(32).toString('base64url');

/** A refusal as the protocol has it (RFC 6749, 4.1.2.1 and 5.2). */
export class OAuthError extends Error {
  constructor(
    readonly error: string,
    readonly description: string,
    /** Whether it ended what was allowed before. */
    readonly ended = false,
  ) {
    super(error);
  }
}

/** What an application asks a member for, as its address says it. */
export interface Asked {
  responseType?: string | undefined;
  redirectUri: string;
  scope?: string | undefined;
  state?: string | undefined;
  challenge?: string | undefined;
  challengeMethod?: string | undefined;
  resource?: string | undefined;
  prompt?: string | undefined;
}

/** What it may be given: the scopes it asked for, or all that it may ask for. Throws what the protocol says about the rest. */
export function readAsked(client: Client, asked: Asked, resources: readonly string[]): { scopes: string[] } {
  if (asked.responseType !== 'code') throw new OAuthError('unsupported_response_type', 'Only codes are given.');
  if (asked.challengeMethod !== 'S256' || !/^[\w-]{43}$/.test(asked.challenge ?? ''))
    throw new OAuthError('invalid_request', 'A code challenge by S256 is needed (PKCE).');
  if (asked.prompt === 'none') throw new OAuthError('interaction_required', 'Somebody has to agree.');
  if (asked.resource !== undefined && !resources.includes(asked.resource))
    throw new OAuthError('invalid_target', 'There is no such resource here.');
  return { scopes: scopesOf(asked.scope, client.scopes) };
}

function scopesOf(text: string | undefined, most: readonly string[]): string[] {
  const named = (text ?? '').split(' ').filter(Boolean);
  if (named.length === 0) return [...most];
  const { scopes, bad } = parseScopes(named);
  if (bad.length > 0 || !within(scopes, most)) throw new OAuthError('invalid_scope', 'That is more than may be asked for.');
  return scopes;
}

/** A code for what a member agreed to. */
export async function giveCode(
  q: Queryable,
  o: { client: Client; userId: string; scopes: readonly string[]; redirectUri: string; challenge: string; resource: string | null },
): Promise<string> {
  const code = random();
  await q.query(
    `insert into oauth_codes (code_hash, client, user_id, scopes, redirect_uri, challenge, resource, expires_at)
     values ($1::bytea, $2::uuid, $3::uuid, $4::text[], $5::text, $6::text, $7::text, now() + make_interval(secs => $8::int))`,
    [digest(code), o.client.id, o.userId, o.scopes, o.redirectUri, o.challenge, o.resource, CODE_SECONDS],
  );
  return code;
}

export interface Tokens {
  accessToken: string;
  refreshToken: string;
  scopes: readonly string[];
}

const noGrant = (ended = false) => new OAuthError('invalid_grant', 'This code or token does not hold, or not any more.', ended);

/** Exchanges a code for tokens. It is used up by being presented, whatever comes of it. */
export async function redeemCode(
  db: Db,
  client: Client,
  o: { code: string; redirectUri: string; verifier: string; resource: string | undefined },
): Promise<Tokens> {
  return orThrow(
    db.transaction(async (tx): Promise<Tokens | OAuthError> => {
      const grant = newId();
      // The row stays locked until the grant is there, so that who comes second finds what there is to end.
      const [found] = await tx.query<{
        client: string;
        userId: string;
        scopes: string[];
        redirectUri: string;
        challenge: string;
        resource: string | null;
      }>(
        `update oauth_codes set grant_id = $2::uuid where code_hash = $1::bytea and grant_id is null and expires_at > now()
         returning client, user_id as "userId", scopes, redirect_uri as "redirectUri", challenge, resource`,
        [digest(o.code), grant],
      );
      if (!found) {
        const ended = await tx.query(
          `update oauth_grants g set revoked_at = now() from oauth_codes c where c.code_hash = $1::bytea and g.id = c.grant_id and g.revoked_at is null returning g.id`,
          [digest(o.code)],
        );
        return noGrant(ended.length > 0);
      }
      const proved = /^[\w.~-]{43,128}$/.test(o.verifier) && timingSafeEqual(digest(o.verifier), Buffer.from(found.challenge, 'base64url'));
      const meant = found.client === client.id && found.redirectUri === o.redirectUri && isRegistered(client, found.redirectUri);
      const resource = o.resource === undefined || o.resource === found.resource;
      if (!proved || !meant || !resource || !within(found.scopes, client.scopes)) return noGrant();
      const rows = await tx.query(
        `insert into oauth_grants (id, client, user_id, scopes) select $1::uuid, $2::uuid, u.id, $4::text[] from users u
         where u.id = $3::uuid and u.deleted_at is null and u.active is not false returning id`,
        [grant, client.id, found.userId, found.scopes],
      );
      return rows.length === 0 ? noGrant() : giveTokens(tx, grant, found.scopes, found.scopes);
    }),
  );
}

/** A refusal ends something, too, so it is not thrown before its transaction is over. */
async function orThrow(done: Promise<Tokens | OAuthError>): Promise<Tokens> {
  const result = await done;
  if (result instanceof OAuthError) throw result;
  return result;
}

async function giveTokens(q: Queryable, grant: string, scopes: readonly string[], most: readonly string[]): Promise<Tokens> {
  const [accessToken, refreshToken] = [ACCESS_PREFIX + random(), REFRESH_PREFIX + random()];
  await q.query(
    `insert into oauth_tokens (token_hash, grant_id, kind, scopes, expires_at) values
       ($1::bytea, $3::uuid, 'access', $4::text[], now() + make_interval(secs => $5::int)),
       ($2::bytea, $3::uuid, 'refresh', $7::text[], now() + make_interval(days => $6::int))`,
    [digest(accessToken), digest(refreshToken), grant, scopes, ACCESS_SECONDS, REFRESH_DAYS, most],
  );
  return { accessToken, refreshToken, scopes };
}

/** Exchanges a refresh token for new tokens; presented twice it ends its whole family. Fewer scopes may be asked for, never more. */
export async function refresh(db: Db, client: Client, o: { token: string; scope: string | undefined }): Promise<Tokens> {
  return orThrow(
    db.transaction(async (tx): Promise<Tokens | OAuthError> => {
      const [held] = await tx.query<{ grant: string; scopes: string[]; used: boolean; live: boolean }>(
        `select t.grant_id as grant, t.scopes, t.used_at is not null as used,
         t.expires_at > now() and g.revoked_at is null and u.deleted_at is null and u.active is not false as live
       from oauth_tokens t join oauth_grants g on g.id = t.grant_id and g.client = $2::uuid join users u on u.id = g.user_id
       where t.token_hash = $1::bytea and t.kind = 'refresh' for update of g, t`,
        [digest(o.token), client.id],
      );
      if (!held) return noGrant();
      if (held.used) {
        await tx.query('update oauth_grants set revoked_at = coalesce(revoked_at, now()) where id = $1::uuid', [held.grant]);
        return noGrant(true);
      }
      if (!held.live || !within(held.scopes, client.scopes)) return noGrant();
      let scopes: string[];
      try {
        scopes = scopesOf(o.scope, held.scopes);
      } catch (error) {
        if (error instanceof OAuthError) return error;
        throw error;
      }
      await tx.query('update oauth_tokens set used_at = now() where token_hash = $1::bytea', [digest(o.token)]);
      await tx.query('update oauth_grants set used_at = now() where id = $1::uuid', [held.grant]);
      return giveTokens(tx, held.grant, scopes, held.scopes);
    }),
  );
}

/** Ends what a token belongs to (RFC 7009): the whole grant for a refresh token, an access token by itself. */
export async function revokeToken(q: Queryable, client: Client, token: string): Promise<void> {
  await q.query(
    `with held as (select t.token_hash, t.grant_id, t.kind from oauth_tokens t join oauth_grants g on g.id = t.grant_id and g.client = $2::uuid where t.token_hash = $1::bytea),
       ended as (update oauth_grants set revoked_at = coalesce(revoked_at, now()) where id in (select grant_id from held where kind = 'refresh'))
     delete from oauth_tokens where token_hash in (select token_hash from held where kind = 'access')`,
    [digest(token), client.id],
  );
}

/** The user and scopes behind an access token; null when it is none, or does not hold any more. */
export async function accessTokenUser(q: Queryable, token: string): Promise<{ userId: string; scopes: string[]; client: string } | null> {
  if (!token.startsWith(ACCESS_PREFIX) || token.length > 100) return null;
  const [row] = await q.query<{ userId: string; scopes: string[]; client: string; stale: boolean; grant: string; most: string[] }>(
    `select g.user_id as "userId", t.scopes, c.name as client, c.scopes as most, g.id as grant,
       coalesce(g.used_at < now() - interval '10 minutes', true) as stale
     from oauth_tokens t join oauth_grants g on g.id = t.grant_id and g.revoked_at is null join oauth_clients c on c.id = g.client and c.active
       join users u on u.id = g.user_id and u.deleted_at is null and u.active is not false
     where t.token_hash = $1::bytea and t.kind = 'access' and t.expires_at > now()`,
    [digest(token)],
  );
  if (!row || !within(row.scopes, row.most)) return null;
  if (row.stale) await q.query('update oauth_grants set used_at = now() where id = $1::uuid', [row.grant]);
  return { userId: row.userId, scopes: row.scopes, client: row.client };
}

export interface Granted {
  client: string;
  name: string;
  scopes: string[];
  at: string;
  usedAt: string | null;
}

/** Which applications a member lets act for them, the last allowed first. */
export const listGranted = (q: Queryable, userId: string): Promise<Granted[]> =>
  q.query<Granted>(
    `select g.client, c.name, array(select distinct s from oauth_grants o, unnest(o.scopes) s where o.client = g.client and o.user_id = $1::uuid and o.revoked_at is null order by s) as scopes,
       ${instantText('max(g.at)')} as at, ${instantText('max(g.used_at)')} as "usedAt"
     from oauth_grants g join oauth_clients c on c.id = g.client
     where g.user_id = $1::uuid and g.revoked_at is null
       and exists (select 1 from oauth_tokens t where t.grant_id = g.id and t.expires_at > now())
     group by g.client, c.name order by max(g.at) desc`,
    [userId],
  );

/** Ends what an application may do for a member; its name, or null where there was nothing. */
export async function endGranted(q: Queryable, userId: string, client: string): Promise<string | null> {
  const [row] = await q.query<{ name: string }>(
    `with ended as (update oauth_grants set revoked_at = now() where user_id = $1::uuid and client = $2::uuid and revoked_at is null returning client)
     select c.name from oauth_clients c where c.id in (select client from ended)`,
    [userId, client],
  );
  return row?.name ?? null;
}

/** Removes what opened something once; a day after its end, so that what is presented again is still known. */
export async function sweepOAuth(q: Queryable): Promise<void> {
  await q.query(`delete from oauth_codes where expires_at < now() - interval '1 day'`);
  await q.query(`delete from oauth_tokens where expires_at < now() - interval '1 day'`);
  await q.query(
    `delete from oauth_grants g where g.at < now() - interval '1 day' and not exists (select 1 from oauth_tokens t where t.grant_id = g.id)`,
  );
}
