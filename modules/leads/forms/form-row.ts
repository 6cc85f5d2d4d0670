import type { Queryable } from '#engine/store/db.ts';
import type { Asked } from './questions.ts';

/** A form as the public door needs it. */
export interface FormRow {
  id: string;
  version: number;
  name: string;
  slug: string;
  active: boolean;
  language: string;
  heading: string;
  intro: string | null;
  thanks: string | null;
  redirect: string | null;
  asks: Asked[];
  source: string;
  product: string | null;
  owner: string | null;
  consentText: string | null;
  consentPurpose: string | null;
  sites: string[];
  notified: string[];
}

const COLUMNS = `t.id, t.version::int as version, t.name, t.slug, coalesce(t.active, false) as active, t.language, t.heading, t.intro, t.thanks, t.redirect, coalesce(t.asks, '[]') as asks,
  t.source, t.product_id as product, (select u.id from users u where u.id = t.lead_owner_id and u.deleted_at is null and u.active is not false) as owner,
  t.consent_text as "consentText", t.consent_purpose as "consentPurpose", coalesce(t.sites, '[]') as sites,
  array(select l.to_id from lead_forms_notified l where l.from_id = t.id) as notified`;

/** The form at an address, in use. */
export async function formAt(q: Queryable, slug: string): Promise<FormRow | null> {
  const [row] = await q.query<FormRow>(
    `select ${COLUMNS} from lead_forms t where t.slug = $1::text and t.active and t.deleted_at is null`,
    [slug],
  );
  return row ?? null;
}

/** A form by its id, in use or not. */
export async function formOf(q: Queryable, id: string): Promise<FormRow | null> {
  const [row] = await q.query<FormRow>(`select ${COLUMNS} from lead_forms t where t.id = $1::uuid and t.deleted_at is null`, [id]);
  return row ?? null;
}

/** What can be chosen where a form asks for a product. */
export const productsOffered = (q: Queryable): Promise<{ id: string; name: string }[]> =>
  q.query('select id, name from products where active is not false and deleted_at is null order by name, id limit 200');
