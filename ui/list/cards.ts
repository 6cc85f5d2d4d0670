import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import type { Declarations } from './path.ts';

/** What the card of a record shows on a board. Pure. */
export interface CardPlan {
  amount: FieldMeta | undefined;
  /** The amount by how likely it is, where the object has that. */
  weighted: FieldMeta | undefined;
  /** What is to be done next: written on the card itself. */
  next: FieldMeta | undefined;
  /** Whether it lies here for too long, and for how many days: fields of the record. */
  rotting: { is: string; days: string } | undefined;
  /** Under the name: the next step where there is one, else whom it is about. */
  note: FieldMeta[];
  /** Since when it is there. */
  began: string;
  due: FieldMeta | undefined;
  /** Everything a card reads. */
  fields: string[];
  isOpen: (record: RecordData) => boolean;
}

/** States of a select in which nothing is due any more. */
const over = new Set([
  'done',
  'solved',
  'closed',
  'cancelled',
  'paid',
  'void',
  'won',
  'lost',
  'ended',
  'expired',
  'fulfilled',
  'delivered',
  'retired',
]);

export function cardPlan(meta: Declarations, object: ObjectMeta, board: FieldMeta): CardPlan {
  const find = (key: string | null | undefined): FieldMeta | undefined => object.fields.find((field) => field.key === key);
  const listed = object.list.columns.map(find);
  const amount = listed.find((field) => field?.type === 'money') ?? object.fields.find((field) => field.type === 'money');
  const note = [find('nextStep'), find(object.party)].filter((field): field is FieldMeta => field !== undefined && field.key !== board.key);
  const began = ['openedOn', 'openedAt'].find((key) => find(key)) ?? 'createdAt';
  const due = ['closeDate', 'dueOn', 'dueDate', 'dueAt'].map(find).find((field) => field !== undefined);
  const stages = meta.object(find('stage')?.to);
  const category = stages?.fields.some((field) => field.key === 'category') ? 'stage.category' : undefined;
  const state = category ?? find('status')?.key;
  const isOpen = (record: RecordData): boolean => {
    if (state === undefined) return true;
    const now = String(record[state] ?? '');
    return category ? now === 'open' : !over.has(now);
  };
  const next = find('nextStep');
  const weighted = find('weightedAmount');
  const rotting = find('rotting') && find('daysInStage') ? { is: 'rotting', days: 'daysInStage' } : undefined;
  const keys = [
    object.title,
    board.key,
    amount?.key,
    ...note.map((field) => field.key),
    began,
    due?.key,
    state,
    rotting?.is,
    rotting?.days,
  ];
  return {
    amount,
    weighted,
    next,
    rotting,
    note,
    began,
    due,
    fields: [...new Set(keys.filter((key): key is string => key !== undefined))],
    isOpen,
  };
}

/** Days by which an open record is late; null where it is not. `today` is YYYY-MM-DD. */
export function lateBy(plan: CardPlan, record: RecordData, today: string): number | null {
  const due = plan.due && record[plan.due.key];
  if (typeof due !== 'string' || !plan.isOpen(record)) return null;
  const days = daysBetween(due.slice(0, 10), today);
  return days > 0 ? days : null;
}

/** Days a record has lain in its column where that is too long; null where it is not. */
export function rottingFor(plan: CardPlan, record: RecordData): number | null {
  if (!plan.rotting || record[plan.rotting.is] !== true) return null;
  const days = record[plan.rotting.days];
  return typeof days === 'number' ? days : Number(days ?? 0);
}

/** What is asked of whoever ends a record: why. Nothing where the object does not say so. */
export function asksOf(object: ObjectMeta, category: string | undefined): { keys: string[]; outcome: string } | undefined {
  if (category !== 'won' && category !== 'lost') return undefined;
  const wanted = category === 'lost' ? ['closeReason', 'lostTo', 'lostReason'] : ['closeReason'];
  const keys = wanted.filter((key) => object.fields.some((field) => field.key === key && !field.readOnly && !field.hidden));
  return keys.length > 0 ? { keys, outcome: category } : undefined;
}

/** How many days a record has been there; null where that is not known. */
export function ageOf(plan: CardPlan, record: RecordData, today: string): number | null {
  const began = record[plan.began];
  return typeof began === 'string' ? Math.max(0, daysBetween(began.slice(0, 10), today)) : null;
}

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T12:00:00Z`) - Date.parse(`${from}T12:00:00Z`)) / 86_400_000);
}
