import type { Db, Queryable } from '#engine/store/db.ts';
import { conflict, invalid, notFound } from '#kit/errors.ts';
import { newId } from '#kit/ids.ts';
import type { Vault } from './vault.ts';

/** Providers that may vouch for members (OpenID Connect), as administrators set them up; and whether passwords still open. */

export const ADMITS = ['members', 'domains'] as const;
/** Whom a provider lets in: members alone, or anyone whose verified e-mail lies in one of the domains, as a new member with a role. */
export type Admits = (typeof ADMITS)[number];

export interface ProviderValues {
  name: string;
  issuer: string;
  clientId: string;
  admits: Admits;
  domains: readonly string[];
  role: string | null;
  /** Whether the provider asks for a second factor itself, so that Perigon's is not asked for as well. */
  asksFactor: boolean;
  active: boolean;
}

export interface Provider extends ProviderValues {
  id: string;
  hasSecret: boolean;
  /** Rises with each change: what was learnt of the provider is learnt anew. */
  version: number;
}

const COLUMNS = `id, name, issuer, client_id as "clientId", admits, domains, role_id as role, asks_factor as "asksFactor", active,
  secret is not null as "hasSecret", version`;
const about = (id: string): string => `oidc ${id}`;

/** All providers, in the order of their names. */
export const listProviders = (q: Queryable): Promise<Provider[]> =>
  q.query<Provider>(`select ${COLUMNS} from oidc_providers order by perigon_fold(name), id`);

/** What the sign-in page shows: the providers in use by name, and whether passwords open. */
export async function waysIn(q: Queryable): Promise<{ passwords: boolean; providers: { id: string; name: string }[] }> {
  const providers = await q.query<{ id: string; name: string }>(
    'select id, name from oidc_providers where active order by perigon_fold(name), id',
  );
  return { passwords: !(await passwordsOff(q)), providers };
}

/** A provider in use with its secret; null when there is none such, or its secret was sealed under another key. */
export async function openProvider(q: Queryable, vault: Vault, id: string): Promise<{ provider: Provider; secret: string | null } | null> {
  const [row] = await q.query<Provider & { sealed: Buffer | null }>(
    `select ${COLUMNS}, secret as sealed from oidc_providers where id = $1::uuid and active`,
    [id],
  );
  if (!row) return null;
  const { sealed, ...provider } = row;
  const secret = sealed === null ? null : vault.open(sealed, about(id));
  return sealed !== null && secret === null ? null : { provider, secret: secret?.toString() ?? null };
}

/** Saves a provider, a new one where no id is given; `secret` undefined leaves what there is, null takes it away. Gives its id. */
export async function saveProvider(
  db: Db,
  vault: Vault,
  o: { id: string | null; values: ProviderValues; secret: string | null | undefined },
): Promise<string> {
  const { values } = o;
  const id = o.id ?? newId();
  const secret = o.secret ? vault.seal(Buffer.from(o.secret), about(id)) : null;
  return db.transaction(async (tx) => {
    const rows = await tx.query(
      o.id === null
        ? `insert into oidc_providers (id, name, issuer, client_id, admits, domains, role_id, asks_factor, active, secret)
           values ($1::uuid, $2::text, $3::text, $4::text, $5::text, $6::text[], $7::uuid, $8::boolean, $9::boolean, case when $11::boolean then $10::bytea end) returning id`
        : `update oidc_providers set name = $2::text, issuer = $3::text, client_id = $4::text, admits = $5::text, domains = $6::text[], role_id = $7::uuid,
             asks_factor = $8::boolean, active = $9::boolean, secret = case when $11::boolean then $10::bytea else secret end, version = version + 1
           where id = $1::uuid returning id`,
      [
        id,
        values.name,
        values.issuer,
        values.clientId,
        values.admits,
        values.domains,
        values.role,
        values.asksFactor,
        values.active,
        secret,
        o.secret !== undefined,
      ],
    );
    if (rows.length === 0) throw notFound('There is no such provider.');
    await keepOneWay(tx);
    return id;
  });
}

/** Removes a provider and whom it knew; who came in by it stays in until their session ends. */
export async function removeProvider(db: Db, id: string): Promise<void> {
  await db.transaction(async (tx) => {
    const rows = await tx.query('delete from oidc_providers where id = $1::uuid returning id', [id]);
    if (rows.length === 0) throw notFound('There is no such provider.');
    await tx.query('delete from oidc_identities where provider = $1::uuid', [id]);
    await keepOneWay(tx);
  });
}

async function keepOneWay(q: Queryable): Promise<void> {
  if (!(await passwordsOff(q))) return;
  const rows = await q.query('select 1 as one from oidc_providers where active limit 1');
  if (rows.length === 0) throw conflict('Nobody could sign in any more: allow passwords first.');
}

/** Whether nobody signs in with a password any more. */
export async function passwordsOff(q: Queryable): Promise<boolean> {
  const [row] = await q.query<{ off: boolean | null }>(
    `select (value ->> 'passwordsOff')::boolean as off from settings where key = 'signIn'`,
  );
  return row?.off === true;
}

/** Says whether passwords open. */
export async function allowPasswords(q: Queryable, allowed: boolean): Promise<void> {
  await q.query(
    `insert into settings (key, value) values ('signIn', $1::jsonb) on conflict (key) do update set value = settings.value || excluded.value`,
    [JSON.stringify({ passwordsOff: !allowed })],
  );
}

const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/;

/** What an administrator typed, in its one form; faults stand at their fields. */
export function checkProvider(values: ProviderValues): ProviderValues {
  const problems: { path: string; code: string; detail: string }[] = [];
  const issuer = values.issuer.trim().replace(/\/\.well-known\/openid-configuration$/, '');
  const url = URL.canParse(issuer) ? new URL(issuer) : null;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username || url.search || url.hash)
    problems.push({ path: 'issuer', code: 'url', detail: 'Expected an address such as https://login.example.com.' });
  const domains = [...new Set(values.domains.map((domain) => domain.trim().toLowerCase().replace(/^@/, '')).filter(Boolean))];
  const odd = domains.find((domain) => !DOMAIN.test(domain));
  if (odd !== undefined)
    problems.push({ path: 'domains', code: 'domain', detail: `“${odd.slice(0, 60)}” is not a domain such as example.com.` });
  if (values.admits === 'domains' && domains.length === 0)
    problems.push({ path: 'domains', code: 'required', detail: 'Name at least one domain.' });
  if (values.admits === 'domains' && values.role === null)
    problems.push({ path: 'role', code: 'required', detail: 'Choose the role that new members get.' });
  if (problems.length > 0) throw invalid('The provider cannot be saved.', problems);
  return { ...values, issuer, domains, role: values.admits === 'domains' ? values.role : null };
}
