import { Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { post } from '#ui/api.ts';
import { viewOf } from '#ui/fields/registry.ts';
import { formatList } from '#ui/format.ts';
import type { FieldMeta, ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './catalogue.module.css';
import { catalogueQuery } from './catalogue.ts';
import { completed, type Offer, offersAt } from './formula-offers.ts';

/** What the server says of an expression. */
export interface Tried {
  type: string | null;
  /** An index can keep it. */
  steady: boolean;
  samples: { id: string; name: string | null; value: unknown }[];
  problem: { code: string; detail: string; start: number; end: number; values: Record<string, string> } | null;
}

/** How long nobody types before the expression is tried. */
const PAUSE_MS = 300;
const NOTHING: Tried = { type: null, steady: false, samples: [], problem: null };

/** The expression of a formula: with its fields and functions offered while one types, tried on the latest records. */
export function FormulaInput({
  object,
  value,
  as,
  optionsOf,
  onChange,
  onTried,
  error,
}: {
  object: ObjectMeta;
  value: string;
  /** As what a number is shown. */
  as: string | null;
  /** The select field whose options it gives. */
  optionsOf: string | null;
  onChange: (value: string) => void;
  onTried: (tried: Tried) => void;
  error?: string;
}): ReactNode {
  const { t } = useWords();
  const { data: catalogue } = useQuery(catalogueQuery);
  const input = useRef<HTMLTextAreaElement>(null);
  const list = useId();
  const [offers, setOffers] = useState<readonly Offer[]>([]);
  const [chosen, setChosen] = useState(0);
  const [tried, setTried] = useState<Tried>(NOTHING);
  const told = useRef(onTried);
  told.current = onTried;

  useEffect(() => {
    const stop = new AbortController();
    const settle = (next: Tried): void => {
      setTried(next);
      told.current(next);
    };
    if (value.trim() === '') {
      settle(NOTHING);
      return () => stop.abort();
    }
    const timer = setTimeout(() => {
      post<Tried>(
        `/catalogue/objects/${object.key}/formula`,
        { expression: value, ...(as ? { type: as } : {}), ...(optionsOf ? { optionsOf } : {}) },
        stop.signal,
      )
        .then(settle)
        // Nothing is lost: what cannot be is refused when it is saved, too.
        .catch(() => undefined);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [value, as, optionsOf, object.key]);

  const offer = (): void => {
    const caret = input.current?.selectionStart ?? 0;
    setOffers(catalogue ? offersAt(catalogue.objects, catalogue.functions, object.key, input.current?.value ?? '', caret) : []);
    setChosen(0);
  };
  const take = (one: Offer): void => {
    const caret = input.current?.selectionStart ?? value.length;
    const next = completed(value, caret, one);
    onChange(next.text);
    setOffers([]);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(next.caret, next.caret);
      if (one.leads) offer();
    });
  };
  const press = (event: KeyboardEvent): void => {
    const one = offers[chosen];
    if (!one) return;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setChosen((chosen + (event.key === 'ArrowDown' ? 1 : offers.length - 1)) % offers.length);
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      event.preventDefault();
      take(one);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      setOffers([]);
    }
  };
  const { problem } = tried;
  // Who is choosing a name is not told that half of it is none.
  const isWrong = problem !== null && value.trim() !== '' && offers.length === 0;

  return (
    <div>
      <Textarea
        ref={input}
        label={t('catalogue.formula')}
        description={t('catalogue.formulaHint')}
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value);
          offer();
        }}
        onKeyDown={press}
        onBlur={() => setOffers([])}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={2000}
        spellCheck={false}
        error={error}
        dir="ltr"
        classNames={{ input: classes.expression }}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={offers.length > 0}
        aria-controls={offers.length > 0 ? list : undefined}
        aria-activedescendant={offers[chosen] ? `${list}-${chosen}` : undefined}
      />
      {offers.length > 0 && (
        <div className={classes.offers} id={list} role="listbox" aria-label={t('catalogue.formulaOffers')}>
          {offers.map((one, i) => (
            <div
              key={one.insert}
              id={`${list}-${i}`}
              role="option"
              tabIndex={-1}
              aria-selected={i === chosen}
              className={classes.offer}
              onMouseDown={(event) => {
                event.preventDefault();
                take(one);
              }}
            >
              <code>{one.insert}</code>
              <span className={classes.quiet}>
                <OfferText offer={one} />
              </span>
            </div>
          ))}
        </div>
      )}
      <div aria-live="polite" className={classes.tried}>
        {isWrong && (
          <p className={classes.wrong}>
            <FaultText problem={problem} />
          </p>
        )}
        {isWrong && problem.end > problem.start && problem.end <= value.length && (
          <code className={classes.excerpt} dir="ltr">
            {value.slice(0, problem.start)}
            <mark>{value.slice(problem.start, problem.end)}</mark>
            {value.slice(problem.end)}
          </code>
        )}
        {tried.type !== null && (
          <>
            <p>{t('catalogue.formulaGives', { type: t(`catalogue.typeName.${tried.type}`) })}</p>
            <Samples object={object} optionsOf={optionsOf} tried={tried} type={tried.type} />
          </>
        )}
      </div>
    </div>
  );
}

function FaultText({ problem }: { problem: NonNullable<Tried['problem']> }): ReactNode {
  const { t, has } = useWords();
  const key = `catalogue.formulaFault.${problem.code}`;
  if (!has(key)) return problem.detail;
  const kinds = (problem.values.kinds ?? '').split(',').filter(Boolean);
  return t(key, { ...problem.values, kinds: formatList(kinds.map((kind) => t(`catalogue.formulaKind.${kind}`))) });
}

function OfferText({ offer }: { offer: Offer }): ReactNode {
  const { t, field } = useWords();
  return offer.field ? field(offer.object, offer.field) : t('catalogue.formulaFunction');
}

function Samples(p: { object: ObjectMeta; optionsOf: string | null; tried: Tried; type: string }): ReactNode {
  const { object, optionsOf, tried, type } = p;
  const { t } = useWords();
  const { Cell } = viewOf(type);
  const field: FieldMeta = {
    ...{ key: 'tried', type, required: false, readOnly: true, sortable: false, filterable: false, operators: [] },
    ...(optionsOf ? { optionsOf, options: object.fields.find(({ key }) => key === optionsOf)?.options } : {}),
  };
  return (
    <table className={classes.samples} aria-label={t('catalogue.formulaSamples')}>
      <tbody>
        {tried.samples.map((sample) => (
          <tr key={sample.id}>
            <th scope="row">{sample.name ?? sample.id}</th>
            <td>
              {sample.value === null ? (
                <span className={classes.quiet}>{t('catalogue.formulaEmpty')}</span>
              ) : (
                <Cell value={sample.value} field={field} object={object.key} />
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
