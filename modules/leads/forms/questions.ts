import type { BoundField } from '#engine/declare/field.ts';
import type { Model } from '#engine/declare/model.ts';
import { spoken } from '../spoken.ts';

/** What a form can ask; a company's own fields of leads and customers beside these, as `lead.xField` and `party.xField`. */
export const ASKS = ['name', 'company', 'email', 'phone', 'jobTitle', 'city', 'message', 'need', 'product', 'budget', 'timeframe'] as const;
export type Ask = (typeof ASKS)[number];

/** One line of a form as it is kept. */
export interface Asked {
  ask: string;
  label?: string;
  required?: boolean;
}

type Kind = 'text' | 'email' | 'tel' | 'area' | 'choice' | 'check' | 'number' | 'date';

/** One line of a form as it is shown and read. */
export interface Question {
  ask: string;
  kind: Kind;
  label: string;
  required: boolean;
  max: number;
  options: readonly { value: string; label: string }[];
  /** The field of a company's own that it fills. */
  own: { object: 'lead' | 'party'; field: BoundField } | null;
}

const KINDS: Record<Ask, Kind> = {
  name: 'text',
  company: 'text',
  email: 'email',
  phone: 'tel',
  jobTitle: 'text',
  city: 'text',
  message: 'area',
  need: 'area',
  product: 'choice',
  budget: 'number',
  timeframe: 'choice',
};
const LONGEST: Record<Kind, number> = { text: 200, email: 254, tel: 40, area: 1000, choice: 60, check: 5, number: 15, date: 10 };
/** What a message may say; a need is said in fewer words. */
const MESSAGE_LENGTH = 5000;

/** Types of a company's own fields that a form can ask for. */
const OWN_KINDS: Record<string, Kind> = {
  text: 'text',
  longText: 'area',
  select: 'choice',
  boolean: 'check',
  integer: 'number',
  decimal: 'number',
  date: 'date',
};

/** The field of a company's own that a line asks for; undefined where there is none, or none that a form can ask for. */
export function ownField(model: Model, ask: string): { object: 'lead' | 'party'; field: BoundField } | undefined {
  const [, object, key] = /^(lead|party)\.(x[A-Z]\w*)$/.exec(ask) ?? [];
  if ((object !== 'lead' && object !== 'party') || !key) return undefined;
  const field = model.object(object).fields.get(key);
  return field && !field.retired && !field.readOnly && OWN_KINDS[field.type] ? { object, field } : undefined;
}

export const isKnownAsk = (ask: string): ask is Ask => (ASKS as readonly string[]).includes(ask);

/** The lines of a form in its language; lines whose field has gone since are left out. */
export function questionsOf(
  model: Model,
  asked: readonly Asked[],
  language: string,
  products: readonly { id: string; name: string }[],
): Question[] {
  return asked.flatMap(({ ask, label, required = false }): Question[] => {
    if (isKnownAsk(ask)) {
      const kind = KINDS[ask];
      const options =
        ask === 'product'
          ? products.map(({ id, name }) => ({ value: id, label: name }))
          : ask === 'timeframe'
            ? ['now', 'quarter', 'year', 'later'].map((key) => ({
                value: key,
                label: spoken(`lead.options.timeframe.${key}`, language) ?? key,
              }))
            : [];
      if (kind === 'choice' && options.length === 0) return [];
      const max = ask === 'message' ? MESSAGE_LENGTH : LONGEST[kind];
      return [{ ask, kind, label: label || spoken(`leadForm.ask.${ask}`, language) || ask, required, max, options, own: null }];
    }
    const own = ownField(model, ask);
    if (!own) return [];
    const kind = OWN_KINDS[own.field.type] ?? 'text';
    const options = ((own.field.with.options ?? []) as { key: string; retired?: boolean; names?: string[] }[])
      .filter((option) => !option.retired)
      .map((option) => ({ value: option.key, label: option.names?.[0] ?? option.key }));
    return [{ ask, kind, label: label || own.field.key, required, max: LONGEST[kind], options, own }];
  });
}
