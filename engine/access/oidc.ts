import { createHash, timingSafeEqual } from 'node:crypto';
import type { Configuration, CustomFetch } from 'openid-client';
import type { Db, Queryable } from '#engine/store/db.ts';
import { upstream } from '#kit/errors.ts';
import { openProvider, type Provider } from './oidc-providers.ts';
import type { Vault } from './vault.ts';

/**
 * Sign-in by a provider (OpenID Connect, code flow with PKCE). State, nonce, issuer, audience, expiry and the signature of the ID
 * token are checked by the library. What belongs to one attempt travels sealed in a cookie of the browser that began it: nobody is let
 * in by an answer that another browser asked for, and attempts of strangers write nothing.
 */

/** Why nobody was let in. */
export type OidcProblem = 'expired' | 'refused' | 'failed' | 'unverified' | 'unknown' | 'inactive' | 'other';
export class OidcRefusal extends Error {
  constructor(
    readonly problem: OidcProblem,
    /** The provider by name, where it is known. */
    readonly way: string | null,
    /** For the log of the server; never holds a code or token. */
    readonly reason: string | null = null,
    readonly userId: string | null = null,
  ) {
    super(problem);
  }
}

export const ATTEMPT_SECONDS = 600;
const ATTEMPT = 'oidc attempt';

interface Attempt {
  provider: string;
  version: number;
  state: string;
  nonce: string;
  verifier: string;
  callback: string;
  back: string;
  until: number;
}

export interface OidcPorts {
  db: Db;
  vault: Vault;
  /** How providers are asked. */
  fetch: (url: string, options: { method?: string; headers?: unknown; body?: unknown }) => Promise<Response>;
  /** Whether a provider at a plain http address may be asked. */
  insecure: boolean;
  /** Makes a member of a role; gives their id. */
  addMember(values: { name: string; email: string; role: string }): Promise<string>;
}

/** What is known of providers, kept for an hour: their addresses and keys. */
const known = new Map<string, { version: number; until: number; config: Promise<Configuration> }>();
const KNOWN_MS = 3_600_000;

async function discover(o: OidcPorts, at: { issuer: string; clientId: string; secret: string | null }): Promise<Configuration> {
  const client = await import('openid-client');
  const asked: CustomFetch = (url, options) => o.fetch(url, options);
  const config = await client.discovery(new URL(at.issuer), at.clientId, undefined, client.None(), {
    [client.customFetch]: asked,
    timeout: 15,
    execute: [client.enableNonRepudiationChecks, ...(o.insecure ? [client.allowInsecureRequests] : [])],
  });
  if (at.secret === null) return config;
  // Both ways of sending the secret are common; `basic` is what holds where nothing is said.
  const methods = config.serverMetadata().token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  const how = methods.includes('client_secret_basic') ? client.ClientSecretBasic(at.secret) : client.ClientSecretPost(at.secret);
  const told = new client.Configuration(config.serverMetadata(), at.clientId, undefined, how);
  told[client.customFetch] = asked;
  told.timeout = 15;
  client.enableNonRepudiationChecks(told);
  if (o.insecure) client.allowInsecureRequests(told);
  return told;
}

function configOf(o: OidcPorts, provider: Provider, secret: string | null): Promise<Configuration> {
  const held = known.get(provider.id);
  if (held && held.version === provider.version && held.until > Date.now()) return held.config;
  const config = discover(o, { ...provider, secret });
  known.set(provider.id, { version: provider.version, until: Date.now() + KNOWN_MS, config });
  config.catch(() => known.delete(provider.id));
  return config;
}

/** What went wrong with a provider, in words without anything secret: its status, its error code, what the network says. */
export function reasonOf(error: unknown): string {
  const {
    code,
    error: told,
    cause,
    status,
    message,
  } = error as {
    code?: unknown;
    error?: unknown;
    cause?: unknown;
    status?: unknown;
    message?: unknown;
  };
  if (typeof told === 'string') return told.slice(0, 100);
  if (cause instanceof Response) return `It answered ${cause.status}.`;
  if (typeof status === 'number') return `It answered ${status}.`;
  if (cause instanceof Error) return reasonOf(cause);
  if (code === 'upstream' && typeof message === 'string') return message;
  return typeof code === 'string' ? code.slice(0, 100) : 'It could not be reached.';
}

/** Asks a provider for its description; throws what is wrong, to be shown at the field. */
export async function tryProvider(o: OidcPorts, at: { issuer: string; clientId: string }): Promise<void> {
  if (!o.insecure && !at.issuer.startsWith('https:')) throw upstream('Only https addresses are asked.');
  let config: Configuration;
  try {
    config = await discover(o, { ...at, secret: null });
  } catch (error) {
    throw upstream(reasonOf(error));
  }
  const { authorization_endpoint: authorization, token_endpoint: token } = config.serverMetadata();
  if (!authorization || !token || !/^https?:/.test(authorization)) throw upstream('It does not describe a sign-in with a code.');
}

/** Begins an attempt: where the browser goes, and what it keeps sealed until it comes back. */
export async function beginOidc(
  o: OidcPorts,
  id: string,
  { callback, back }: { callback: string; back: string },
): Promise<{ url: string; sealed: string }> {
  const opened = await openProvider(o.db, o.vault, id);
  if (!opened) throw new OidcRefusal('failed', null, 'There is no such provider, or its secret was sealed under another key.');
  const { provider, secret } = opened;
  const client = await import('openid-client');
  try {
    const config = await configOf(o, provider, secret);
    const attempt: Attempt = {
      provider: id,
      version: provider.version,
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      callback,
      back,
      until: Date.now() + ATTEMPT_SECONDS * 1000,
    };
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: callback,
      scope: 'openid email profile',
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
    });
    if (url.protocol !== 'https:' && !(o.insecure && url.protocol === 'http:'))
      throw upstream('It signs in at an address that is not https.');
    return { url: url.href, sealed: o.vault.seal(Buffer.from(JSON.stringify(attempt)), ATTEMPT).toString('base64url') };
  } catch (error) {
    throw new OidcRefusal('failed', provider.name, reasonOf(error));
  }
}

const same = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest());

/** Ends an attempt by what the provider answered to this very browser: the member, and where they wanted to go. */
export async function endOidc(
  o: OidcPorts,
  { query, sealed }: { query: URLSearchParams; sealed: string },
): Promise<{ userId: string; provider: Provider; back: string }> {
  const text = o.vault.open(Buffer.from(sealed, 'base64url'), ATTEMPT)?.toString();
  const attempt = text === undefined ? null : (JSON.parse(text) as Attempt);
  if (!attempt || attempt.until < Date.now() || !same(query.get('state') ?? '', attempt.state)) throw new OidcRefusal('expired', null);
  const opened = await openProvider(o.db, o.vault, attempt.provider);
  if (!opened || opened.provider.version !== attempt.version) throw new OidcRefusal('expired', opened?.provider.name ?? null);
  const { provider, secret } = opened;
  if (query.get('error') === 'access_denied') throw new OidcRefusal('refused', provider.name, 'access_denied');
  return { userId: await memberOf(o, provider, await claimsOf(o, provider, secret, attempt, query)), provider, back: attempt.back };
}

interface Claims {
  issuer: string;
  subject: string;
  /** Only where the provider says that it is verified. */
  email: string | null;
  name: string | null;
}

/** Letters that look like others, or become others in lower case, vouch for nobody. */
const PLAIN_EMAIL = /^[\x21-\x3f\x41-\x7e]+@[\x21-\x3f\x41-\x7e]+$/;

async function claimsOf(
  o: OidcPorts,
  provider: Provider,
  secret: string | null,
  attempt: Attempt,
  query: URLSearchParams,
): Promise<Claims> {
  const client = await import('openid-client');
  try {
    const config = await configOf(o, provider, secret);
    const url = new URL(attempt.callback);
    url.search = query.toString();
    const tokens = await client.authorizationCodeGrant(config, url, {
      pkceCodeVerifier: attempt.verifier,
      expectedState: attempt.state,
      expectedNonce: attempt.nonce,
      idTokenExpected: true,
    });
    const token = tokens.claims();
    if (!token) throw upstream('It gave no ID token.');
    // Many providers put the e-mail into their answer about the user alone.
    const told =
      token.email === undefined && config.serverMetadata().userinfo_endpoint
        ? { ...token, ...(await client.fetchUserInfo(config, tokens.access_token, token.sub)) }
        : token;
    return {
      issuer: token.iss,
      subject: token.sub,
      email: typeof told.email === 'string' && told.email_verified === true && PLAIN_EMAIL.test(told.email) ? told.email : null,
      name: typeof told.name === 'string' && told.name.trim() !== '' ? told.name.trim().slice(0, 200) : null,
    };
  } catch (error) {
    throw new OidcRefusal('failed', provider.name, reasonOf(error));
  }
}

/** As whom somebody is known: (issuer, subject) once they were here, the first time a verified e-mail alone. */
async function memberOf(o: OidcPorts, provider: Provider, claims: Claims): Promise<string> {
  const refuse = (problem: OidcProblem, userId: string | null = null) => new OidcRefusal(problem, provider.name, null, userId);
  const [held] = await o.db.query<{ id: string; live: boolean }>(
    `select i.user_id as id, coalesce(u.deleted_at is null and u.active is not false, false) as live
     from oidc_identities i left join users u on u.id = i.user_id where i.issuer = $1::text and i.subject = $2::text`,
    [claims.issuer, claims.subject],
  );
  if (held) {
    if (!held.live) throw refuse('inactive', held.id);
    return held.id;
  }
  if (claims.email === null) throw refuse('unverified');
  const members = await o.db.query<{ id: string; live: boolean; other: boolean }>(
    `select u.id, u.deleted_at is null and u.active is not false as live,
       exists (select 1 from oidc_identities i where i.user_id = u.id and i.issuer = $2::text) as other
     from users u where perigon_fold(u.email) collate "C" = perigon_fold($1::text) collate "C" and lower(u.email collate "C") = lower($1::text collate "C")
     order by u.deleted_at nulls first limit 1`,
    [claims.email, claims.issuer],
  );
  const [member] = members;
  if (member) {
    if (!member.live) throw refuse('inactive', member.id);
    // An address that was given to somebody else at the provider does not open what its first holder had.
    if (member.other) throw refuse('other', member.id);
    return (await remember(o.db, provider, claims, member.id)) ?? (await memberOf(o, provider, claims));
  }
  const domain = claims.email.slice(claims.email.lastIndexOf('@') + 1).toLowerCase();
  if (provider.admits !== 'domains' || provider.role === null || !provider.domains.includes(domain)) throw refuse('unknown');
  const made = await o.addMember({ name: claims.name ?? claims.email, email: claims.email, role: provider.role });
  return (await remember(o.db, provider, claims, made)) ?? made;
}

/** Null where somebody else was first. */
async function remember(q: Queryable, provider: Provider, claims: Claims, userId: string): Promise<string | null> {
  const [row] = await q.query<{ user_id: string }>(
    `insert into oidc_identities (issuer, subject, user_id, provider) values ($1::text, $2::text, $3::uuid, $4::uuid)
     on conflict do nothing returning user_id`,
    [claims.issuer, claims.subject, userId, provider.id],
  );
  return row?.user_id ?? null;
}
