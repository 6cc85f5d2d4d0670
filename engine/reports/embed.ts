import type { Actor } from '#engine/access/actor.ts';
import { loadActor } from '#engine/access/sign-in.ts';
import type { Vault } from '#engine/access/vault.ts';
import type { Context } from '#engine/record/context.ts';
import { loadSettings } from '#engine/record/settings.ts';
import type { Db } from '#engine/store/db.ts';
import { isPerigonError, limited, notFound } from '#kit/errors.ts';
import { isId } from '#kit/ids.ts';
import { dashboardNamed, type NamedReport, reportNamed } from './named.ts';
import { type PagePart, pageOf, STYLE_HASH } from './page.ts';
import { type Over, readReport } from './read.ts';
import { type Speak, tableOf } from './table.ts';

/**
 * Public links to reports. A link is the id of its record, sealed: nobody makes one, and a copy of the base alone makes none. It is
 * read each time with the rights that whoever made it has at that moment; when they lose them, leave, or take it back, it opens nothing,
 * and what opens nothing is answered as what never was.
 */

/** Calls a minute that one link takes. */
const PER_MINUTE = 120;
const USE = 'embed';

/** The secret part of a link's address. */
export const linkOf = (vault: Vault, id: string): string =>
  vault.seal(Buffer.from(id.replaceAll('-', ''), 'hex'), USE).toString('base64url');

/** The id that a link is of; null for any that was not made here. */
function idOf(vault: Vault, link: string): string | null {
  if (!/^[\w-]{40,120}$/.test(link)) return null;
  const hex = vault.open(Buffer.from(link, 'base64url'), USE)?.toString('hex') ?? '';
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return isId(id) ? id : null;
}

export interface Opened {
  html: string;
  /** What the page may do, and who may frame it. */
  policy: string;
}

export interface Doors {
  db: Db;
  vault: Vault;
  context(actor: Actor): Promise<Context>;
  speaking(language: string): Speak;
}

/** Opens a link; `notFound` for whatever does not open. */
export async function openEmbed(o: Doors, link: string): Promise<Opened> {
  const id = idOf(o.vault, link);
  if (id === null) throw notFound();
  const [row] = await o.db.keyed<{
    owner: string | null;
    report: string | null;
    dashboard: string | null;
    sites: string[] | null;
    language: string | null;
  }>(
    'select owner_id as owner, report, dashboard, sites, language from embeds where id = $1::uuid and deleted_at is null and until > now()',
    [id],
  );
  if (!row?.owner) throw notFound();
  await pace(o.db, id);
  const actor = await loadActor(o.db, row.owner);
  // Taking data out is a right of its own, which may have been lost meanwhile.
  if (!actor?.rights.may('export')) throw notFound();
  const ctx = await o.context(actor);
  const language = row.language ?? 'en';
  const speak = o.speaking(language);
  const shown = row.dashboard
    ? await dashboardNamed(ctx, row.dashboard, speak)
    : await reportNamed(ctx, row.report ?? '', speak).then((report) => ({ name: report.name, reports: [report], over: {} as Over }));
  const parts: PagePart[] = [];
  for (const report of shown.reports) if (report) parts.push(await partOf(ctx, report, shown.over, speak));
  const settings = await loadSettings(o.db);
  const frames = row.sites && row.sites.length > 0 ? row.sites.join(' ') : "'none'";
  return {
    html: pageOf({
      title: shown.name,
      company: settings?.name ?? '',
      days: new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: ctx.env.timeZone }).format(ctx.env.now),
      language,
      fromRight: language.startsWith('ar'),
      parts,
    }),
    policy: `default-src 'none'; style-src ${STYLE_HASH}; base-uri 'none'; form-action 'none'; frame-ancestors ${frames}`,
  };
}

async function partOf(ctx: Context, { name, question, drawing }: NamedReport, over: Over, speak: Speak): Promise<PagePart> {
  try {
    const told = await readReport(ctx, question, drawing, over);
    if (told.measures.length === 0) return { name, figure: false, table: null, note: speak('report.withheldAll') ?? null };
    const table = tableOf(ctx, told, speak);
    const note = table.unconverted > 0 ? (speak('report.unconverted_other') ?? '').replace('{{n}}', String(table.unconverted)) : null;
    return { name, figure: drawing.form === 'number' || told.by.length === 0, table, note };
  } catch (error) {
    // A cut or condition that its maker may no longer ask.
    if (isPerigonError(error, 'invalid') || isPerigonError(error, 'notFound'))
      return { name, figure: false, table: null, note: speak('report.withheldAll') ?? null };
    throw error;
  }
}

async function pace(db: Db, id: string): Promise<void> {
  const [row] = await db.query<{ n: number; left: number }>(
    `with old as (delete from embed_calls where embed = $1::uuid and minute < now() - interval '10 minutes')
     insert into embed_calls (embed, minute, n) values ($1::uuid, date_trunc('minute', now()), 1)
     on conflict (embed, minute) do update set n = embed_calls.n + 1 returning n, ceil(60 - extract(second from now()))::int as left`,
    [id],
  );
  if ((row?.n ?? 0) > PER_MINUTE) throw limited('More calls than this link takes in a minute.', row?.left ?? 60);
}
