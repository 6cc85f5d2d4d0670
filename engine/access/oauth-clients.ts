import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { instantText } from '#engine/declare/field.ts';
import { parseScopes } from '#engine/declare/scopes.ts';
import type { Db, Queryable } from '#engine/store/db.ts';
import { invalid, notFound } from '#kit/errors.ts';
import { isId, newId } from '#kit/ids.ts';

/** Applications of others, as administrators register them: with a secret where they can keep one, else with none. */

export interface ClientValues {
  name: string;
  redirectUris: readonly string[];
  /** The most that it may ask a member for. */
  scopes: readonly string[];
  active: boolean;
}

export interface Client extends ClientValues {
  id: string;
  /** Whether it keeps a secret (a server), or cannot (an app, a page). */
  confidential: boolean;
  at: string;
  /** How many members let it act for them. */
  members: number;
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const newSecret = (): string => `perigon_cs_${randomBytes(32).toString('base64url')}`;
const COLUMNS = `c.id, c.name, c.redirect_uris as "redirectUris", c.scopes, c.active, c.secret_hash is not null as confidential, ${instantText('c.at')} as at,
  (select count(distinct g.user_id)::int from oauth_grants g where g.client = c.id and g.revoked_at is null) as members`;

/** All applications, in the order of their names. */
export const listClients = (q: Queryable): Promise<Client[]> =>
  q.query<Client>(`select ${COLUMNS} from oauth_clients c order by perigon_fold(c.name), c.id`);

/** An application that may be used; null when there is none such. */
export async function findClient(q: Queryable, id: string): Promise<Client | null> {
  if (!isId(id)) return null;
  const [row] = await q.query<Client>(`select ${COLUMNS} from oauth_clients c where c.id = $1::uuid and c.active`, [id]);
  return row ?? null;
}

/** Registers an application; its secret, where it has one, is given once. */
export async function addClient(
  q: Queryable,
  values: ClientValues & { confidential: boolean },
): Promise<{ id: string; secret: string | null }> {
  const checked = checkClient(values);
  const [id, secret] = [newId(), values.confidential ? newSecret() : null];
  await q.query(
    `insert into oauth_clients (id, name, redirect_uris, scopes, active, secret_hash) values ($1::uuid, $2::text, $3::text[], $4::text[], $5::boolean, $6::bytea)`,
    [id, checked.name, checked.redirectUris, checked.scopes, checked.active, secret === null ? null : digest(secret)],
  );
  return { id, secret };
}

/** Changes an application. Grants keep what members allowed; what goes beyond its new scopes is refused with the next token. */
export async function changeClient(q: Queryable, id: string, changed: Partial<ClientValues>): Promise<Client> {
  const held = (await listClients(q)).find((client) => client.id === id);
  if (!held) throw notFound('There is no such application.');
  const checked = checkClient({ ...held, ...changed });
  await q.query(
    'update oauth_clients set name = $2::text, redirect_uris = $3::text[], scopes = $4::text[], active = $5::boolean where id = $1::uuid',
    [id, checked.name, checked.redirectUris, checked.scopes, checked.active],
  );
  return held;
}

/** A new secret in place of the one there is, given once. */
export async function renewSecret(q: Queryable, id: string): Promise<string> {
  const secret = newSecret();
  const rows = isId(id)
    ? await q.query('update oauth_clients set secret_hash = $2::bytea where id = $1::uuid and secret_hash is not null returning id', [
        id,
        digest(secret),
      ])
    : [];
  if (rows.length === 0) throw notFound('There is no such application, or it keeps no secret.');
  return secret;
}

/** Removes an application, and ends at once what it may do for anybody. */
export async function removeClient(db: Db, id: string): Promise<string> {
  return db.transaction(async (tx) => {
    const [gone] = isId(id) ? await tx.query<{ name: string }>('delete from oauth_clients where id = $1::uuid returning name', [id]) : [];
    if (!gone) throw notFound('There is no such application.');
    await tx.query('delete from oauth_codes where client = $1::uuid', [id]);
    await tx.query(
      'with gone as (delete from oauth_grants where client = $1::uuid returning id) delete from oauth_tokens where grant_id in (select id from gone)',
      [id],
    );
    return gone.name;
  });
}

/** Whether an application is who it says: by its secret, or by having none. */
export async function recogniseClient(q: Queryable, id: string, secret: string | null): Promise<Client | null> {
  const client = await findClient(q, id);
  if (!client) return null;
  const [row] = await q.query<{ secret: Buffer | null }>('select secret_hash as secret from oauth_clients where id = $1::uuid', [id]);
  const held = row?.secret ?? null;
  if (held === null) return secret === null ? client : null;
  return secret !== null && timingSafeEqual(held, digest(secret)) ? client : null;
}

const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|localhost)$/;

/** What is wrong with an address to lead back to; null for nothing. */
function faultOfRedirect(text: string): string | null {
  if (!URL.canParse(text)) return 'Not an address.';
  const url = new URL(text);
  if (url.hash !== '' || text.includes('#')) return 'An address with a # cannot be led back to.';
  if (url.username !== '' || url.password !== '') return 'An address holds no password.';
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))) return null;
  // Of an app on a device: a scheme that is a domain backwards (RFC 8252).
  if (/^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(url.protocol)) return null;
  return 'Expected https, http at this very machine, or the scheme of an app such as com.example.app.';
}

/**
 * Whether an address is one of those registered: the very same text. Only the port of an address at this very machine may be any
 * where none was registered, since an app on a device takes what is free (RFC 8252, 7.3).
 */
export function isRegistered(client: Pick<Client, 'redirectUris'>, uri: string): boolean {
  if (client.redirectUris.includes(uri)) return true;
  const [, host = '', rest = ''] = /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost):\d{1,5}(\/[\x21-\x7e]*)?$/.exec(uri) ?? [];
  return host !== '' && client.redirectUris.includes(`http://${host}${rest}`);
}

function checkClient(values: ClientValues): ClientValues {
  const problems: { path: string; code: string; detail: string }[] = [];
  const redirectUris = [...new Set(values.redirectUris.map((uri) => uri.trim()).filter(Boolean))];
  if (redirectUris.length === 0)
    problems.push({ path: 'redirectUris', code: 'required', detail: 'Name at least one address to lead back to.' });
  for (const uri of redirectUris) {
    const fault = faultOfRedirect(uri);
    if (fault !== null) problems.push({ path: 'redirectUris', code: 'url', detail: `“${uri.slice(0, 100)}”: ${fault}` });
  }
  const { scopes, bad } = parseScopes(values.scopes);
  if (bad[0] !== undefined) problems.push({ path: 'scopes', code: 'scope', detail: `“${bad[0].slice(0, 60)}” is not a scope.` });
  else if (scopes.length === 0) problems.push({ path: 'scopes', code: 'required', detail: 'Say what it may do.' });
  if (problems.length > 0) throw invalid('The application cannot be saved.', problems);
  return { ...values, redirectUris, scopes };
}
