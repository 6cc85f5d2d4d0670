import { Input, Rating } from '@mantine/core';
import { IconStar, IconStarFilled } from '@tabler/icons-react';
import type { KeyboardEvent, ReactNode } from 'react';
import { formatInteger } from '../../format.ts';
import type { FieldMeta } from '../../wire.ts';
import { useWords, words } from '../../words.ts';
import { type EditProps, fieldView, readNumber } from '../field-view.tsx';
import classes from '../fields.module.css';
import { NumberFilter } from '../filter-controls.tsx';

const most = (field: FieldMeta): number => field.max ?? 5;

function Stars({ value, field }: { value: number; field: FieldMeta }): ReactNode {
  const { t } = useWords();
  const text = t('rating.stars', { count: value, max: formatInteger(most(field)) });
  return (
    <span className={classes.stars} role="img" aria-label={text} title={text}>
      {Array.from({ length: most(field) }, (_, i) =>
        // biome-ignore lint/suspicious/noArrayIndexKey: stars have no identity but their place.
        i < value ? <IconStarFilled key={i} aria-hidden /> : <IconStar key={i} className={classes.starsOff} stroke={1.5} aria-hidden />,
      )}
    </span>
  );
}

/** Stars chosen by pointer, arrows or digits; the chosen star again, 0 or Delete takes them away. */
function RatingEdit({ value, onChange, field, label, ariaLabel, error, autoFocus, required }: EditProps<number>): ReactNode {
  const { t } = useWords();
  // Arrows go on from the stars that are chosen, wherever a digit has put them.
  const onKey = (event: KeyboardEvent): void => {
    const step =
      event.key === 'ArrowRight' || event.key === 'ArrowUp' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowDown' ? -1 : 0;
    const digit = /^\d$/.test(event.key) ? Number(event.key) : event.key === 'Delete' || event.key === 'Backspace' ? 0 : null;
    const next = step !== 0 ? Math.min(Math.max((value ?? 0) + step, 0), most(field)) : digit;
    if (next === null || next > most(field)) return;
    event.preventDefault();
    onChange(next === 0 ? null : next);
  };
  return (
    <Input.Wrapper label={label} labelElement="div" error={error} withAsterisk={required}>
      <fieldset
        ref={(node) => {
          if (autoFocus && node && !node.contains(document.activeElement))
            node.querySelector<HTMLInputElement>('input:checked, input')?.focus({ preventScroll: true });
        }}
        aria-label={ariaLabel}
        onKeyDown={onKey}
        className={classes.rating}
      >
        <Rating
          count={most(field)}
          value={value ?? 0}
          onChange={(next) => onChange(next === 0 || next === value ? null : next)}
          getSymbolLabel={(count) => (count === 0 ? t('rating.none') : t('rating.stars', { count, max: formatInteger(most(field)) }))}
        />
      </fieldset>
    </Input.Wrapper>
  );
}

/** Stars from one to a declared most. */
export const rating = fieldView<number>({
  read: readNumber,
  text: (value, field) => words().t('rating.stars', { count: value, max: formatInteger(most(field)) }),
  width: 120,
  large: true,
  Cell: Stars,
  Edit: RatingEdit,
  Filter: NumberFilter,
});
