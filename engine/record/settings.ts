import type { ValueEnv } from '#engine/declare/field.ts';
import type { Queryable } from '#engine/store/db.ts';

/** What the company decided once: its name, and how money, language, time and telephone numbers are read. */
export interface CompanySettings {
  name: string;
  baseCurrency: string;
  language: string;
  timeZone: string;
  /** ISO 3166 alpha-2, for national telephone numbers. */
  country: string;
}

/** The settings, or null while the product is not set up. */
export async function loadSettings(db: Queryable): Promise<CompanySettings | null> {
  const rows = await db.query<{ key: string; value: string }>(
    `select key, value #>> '{}' as value from settings where key in ('company', 'baseCurrency', 'language', 'timeZone', 'country')`,
  );
  const held = new Map(rows.map((row) => [row.key, row.value]));
  const name = held.get('company');
  if (!name) return null;
  return {
    name,
    baseCurrency: held.get('baseCurrency') ?? 'EUR',
    language: held.get('language') ?? 'en',
    timeZone: held.get('timeZone') ?? 'UTC',
    country: held.get('country') ?? 'US',
  };
}

/** Saves settings; those not given stay. */
export async function saveSettings(db: Queryable, settings: Partial<CompanySettings>): Promise<void> {
  const entries = Object.entries(settings).map(([key, value]) => ({ k: key === 'name' ? 'company' : key, v: value }));
  await db.query(
    `insert into settings (key, value) select k, to_jsonb(v) from json_to_recordset($1::json) as x(k text, v text) on conflict (key) do update set value = excluded.value`,
    [JSON.stringify(entries)],
  );
}

/** How values are read right now. */
export const valueEnv = (settings: CompanySettings | null): ValueEnv => ({
  now: new Date(),
  timeZone: settings?.timeZone ?? 'UTC',
  country: settings?.country ?? 'US',
  baseCurrency: settings?.baseCurrency ?? 'EUR',
});
