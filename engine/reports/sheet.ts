import type { Form } from '#engine/declare/report.ts';
import type { Context } from '#engine/record/context.ts';
import { isPerigonError } from '#kit/errors.ts';
import { filterSaid } from './filter-said.ts';
import type { NamedReport } from './named.ts';
import { type Over, readReport, type Told } from './read.ts';
import { cellSaid, daysSaid, filled, momentSaid, stretchSaid } from './said.ts';
import { type ReportTable, type Speak, tableOf } from './table.ts';

/** A report or dashboard read for a file, in the rights of whoever gets it: what it says in words, and its tables. */

export interface SheetPart {
  name: string;
  form: Form;
  /** A single figure rather than rows. */
  figure: boolean;
  /** Rows are stretches of time, so that bars stand beside each other. */
  inTime: boolean;
  /** Null where nothing of it is there for this reader. */
  table: ReportTable | null;
  /** The same with the days as a calendar writes them: for machines. */
  plain: ReportTable | null;
  /** Its days and its filter. */
  about: string[];
  /** What could not be told. */
  notes: string[];
}

export interface Sheet {
  title: string;
  company: string;
  /** For whom it was read; empty where its reader is at the screen. */
  reader: string;
  asOf: string;
  language: string;
  fromRight: boolean;
  /** Whether the company's paper is Letter rather than A4. */
  letter: boolean;
  parts: SheetPart[];
  /** “Page 1 of 3”, and what stands before the moment. */
  words: { page: string; nothing: string; against: string };
}

/** Rows that a file holds at most; the report says when there are more. */
const MOST_ROWS = 1000;
/** More columns than this are not laid side by side. */
const WIDEST = 12;
const LETTER = new Set(['US', 'CA', 'MX', 'PH', 'CL', 'CO', 'VE', 'GT', 'CR', 'PA', 'DO', 'SV', 'NI', 'HN', 'PR']);

export interface Shown {
  name: string;
  /** Null where a report is not there. */
  reports: readonly (NamedReport | null)[];
  over: Over;
}

/** Reads what is shown, report by report, so that one file never holds many connections. */
export async function readSheet(
  ctx: Context,
  shown: Shown,
  o: { language: string; speak: Speak; company: string; reader: string; read: Date },
): Promise<Sheet> {
  const parts: SheetPart[] = [];
  for (const report of shown.reports) if (report) parts.push(await partOf(ctx, report, shown.over, o));
  const { speak, language } = o;
  return {
    title: shown.name,
    company: o.company,
    reader: o.reader,
    asOf: filled(speak('report.asOfWhen') ?? 'as of {{when}}', { when: momentSaid(o.read, language, ctx.env.timeZone) }),
    language,
    fromRight: language.startsWith('ar'),
    letter: LETTER.has(ctx.env.country),
    parts,
    words: {
      page: speak('print.page') ?? '{{n}} / {{of}}',
      nothing: speak('report.nothing') ?? '–',
      against: speak('report.than.previous') ?? '{{figure}}',
    },
  };
}

async function partOf(
  ctx: Context,
  { name, question, drawing }: NamedReport,
  over: Over,
  { language, speak }: { language: string; speak: Speak },
): Promise<SheetPart> {
  const nothing: SheetPart = { name, form: drawing.form, figure: false, inTime: false, table: null, plain: null, about: [], notes: [] };
  const withheld = { ...nothing, notes: [speak('report.withheldAll') ?? 'Your roles do not show these figures.'] };
  try {
    const told = await readReport(ctx, question, { ...drawing, top: Math.min(drawing.top ?? MOST_ROWS, MOST_ROWS) }, over);
    if (told.measures.length === 0) return withheld;
    const table = tableOf(ctx, told, speak, (day, every) => stretchSaid(day, every, language));
    const object = ctx.model.objects.get(told.measures[0]?.object ?? '');
    const filter = told.where && object ? await filterSaid(ctx, object, told.where, speak, language) : null;
    return {
      ...nothing,
      figure: drawing.form === 'number' || told.by.length === 0,
      inTime: told.by.length === 1 && typeof told.by[0] !== 'string',
      table: acrossOf(told, table) ?? table,
      plain: tableOf(ctx, told, speak),
      about: [
        told.period ? daysSaid(told.period, language) : (speak('period.always') ?? ''),
        ...(filter ? [filled(speak('print.filter') ?? '{{filter}}', { filter })] : []),
      ],
      notes: notesOf(told, table, speak, language),
    };
  } catch (error) {
    // A cut or condition that this reader may not ask.
    if (isPerigonError(error, 'invalid') || isPerigonError(error, 'notFound')) return withheld;
    throw error;
  }
}

/** One measure cut by two things reads best with the second laid across, as long as it is narrow enough. Pure. */
function acrossOf({ by, measures, before, rows }: Told, table: ReportTable): ReportTable | null {
  const [first, second, figure] = table.columns;
  if (by.length !== 2 || measures.length !== 1 || before || !first || !second || !figure) return null;
  const said = new Map(rows.map((row, i) => [String(row.by[1]), String(table.rows[i]?.[1])]));
  // Time runs from left to right; all else stands as it is ordered.
  const heads =
    typeof by[1] === 'string'
      ? [...new Set(table.rows.map((row) => String(row[1])))]
      : [...said.keys()].sort().map((day) => said.get(day) ?? day);
  if (heads.length > WIDEST) return null;
  const cells = new Map(table.rows.map((row) => [`${row[0]}\u001f${row[1]}`, row[2] ?? null]));
  return {
    ...table,
    columns: [first, ...heads.map((name) => ({ ...figure, name }))],
    rows: [...new Set(table.rows.map((row) => String(row[0])))].map((name) => [
      name,
      ...heads.map((head) => cells.get(`${name}\u001f${head}`) ?? null),
    ]),
    total: null,
  };
}

function notesOf(told: Told, table: ReportTable, speak: Speak, language: string): string[] {
  const counted = (key: string, n: number): string =>
    filled(speak(`report.${key}_${n === 1 ? 'one' : 'other'}`) ?? '', { count: n, n: new Intl.NumberFormat(language).format(n) });
  return [
    told.withheld > 0 ? counted('withheld', told.withheld) : '',
    table.unconverted > 0 ? counted('unconverted', table.unconverted) : '',
    told.unfiltered ? (speak('report.unfiltered') ?? '') : '',
    told.others === null ? (speak('report.manyMore') ?? '') : told.others > 0 ? counted('others', told.others) : '',
  ].filter(Boolean);
}

/** A cell as it is read in this file. */
export const inSheet = (sheet: Sheet, table: ReportTable, at: number, value: string | number | null): string =>
  cellSaid(table.columns[at], value, sheet.language);
