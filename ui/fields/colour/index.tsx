import { ColorInput, Group } from '@mantine/core';
import type { CSSProperties, ReactNode } from 'react';
import { useWords } from '../../words.ts';
import { type FilterProps, fieldView, readText } from '../field-view.tsx';
import classes from '../fields.module.css';
import { listed, valueless } from '../filter-controls.tsx';

const whole = /^#[0-9a-f]{6}$/i;

/** The colours of series and tags, offered first. */
const offered = ['#0B7A7A', '#3B66D6', '#A06000', '#8E4BA8', '#BF4A2B', '#66791B', '#64707D', '#C03A72'];

function Swatch({ value }: { value: string }): ReactNode {
  return (
    <span className={classes.swatch} style={{ '--swatch': whole.test(value) ? value : 'transparent' } as CSSProperties}>
      {value.toUpperCase()}
    </span>
  );
}

function ColourFilter({ op, value, onChange }: FilterProps): ReactNode {
  const { t } = useWords();
  if (valueless.has(op)) return null;
  const list = (Array.isArray(value) ? value : [value]).map(readText).filter((one) => one !== null);
  const control = (shown: string, set: (next: string) => void, label: string): ReactNode => (
    <ColorInput
      aria-label={label}
      placeholder={t('colour.choose')}
      swatches={offered}
      value={shown}
      // Half a colour is none yet, and no question to ask.
      onChange={(next) => set(next)}
      popoverProps={{ withinPortal: false }}
    />
  );
  if (!listed.has(op)) return control(list[0] ?? '', onChange, t('filter.value'));
  return (
    <>
      <Group gap="xs">
        {list.map((one) => (
          <Swatch key={one} value={one} />
        ))}
      </Group>
      {control(list[0] ?? '', (next) => onChange(whole.test(next) ? [next] : list.slice(0, 0)), t('filter.value'))}
    </>
  );
}

/** A colour, shown as a swatch with its digits. */
export const colour = fieldView<string>({
  read: readText,
  text: (value) => value.toUpperCase(),
  width: 112,
  large: true,
  Cell: ({ value }) => <Swatch value={value} />,
  Edit: ({ value, onChange, label, ariaLabel, error, autoFocus, required }) => (
    <ColorInput
      label={label}
      aria-label={ariaLabel}
      swatches={offered}
      value={value ?? ''}
      onChange={(next) => onChange(next || null)}
      error={error}
      autoFocus={autoFocus}
      withAsterisk={required}
      popoverProps={{ withinPortal: false }}
    />
  ),
  Filter: ColourFilter,
});
