import { Input, NumberInput, Select } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { formatMoney } from '../../format.ts';
import { useSession } from '../../session.ts';
import { isObject, type Money } from '../../wire.ts';
import { useWords } from '../../words.ts';
import { currencyChoices } from '../choices.ts';
import { type EditProps, fieldView, readNumber } from '../field-view.tsx';
import classes from '../fields.module.css';
import { NumberFilter } from '../filter-controls.tsx';

/** Reads `{amount, currency}`; the amount stays the decimal text it is. */
export function readMoney(wire: unknown): Money | null {
  if (!isObject(wire) || readNumber(wire.amount) === null || typeof wire.currency !== 'string') return null;
  return { amount: String(wire.amount), currency: wire.currency };
}

function MoneyEdit({ value, onChange, label, ariaLabel, error, autoFocus, required }: EditProps<Money>): ReactNode {
  const { t } = useWords();
  const session = useSession();
  const [currency, setCurrency] = useState(value?.currency ?? session?.company.baseCurrency ?? 'EUR');
  const set = (amount: unknown, to: string): void =>
    onChange(readNumber(amount) === null ? null : { amount: String(amount), currency: to });
  return (
    <Input.Wrapper label={label} error={error} withAsterisk={required}>
      <div style={{ display: 'grid', gridTemplateColumns: 'minmax(0, 1fr) 96px', gap: 4 }}>
        <NumberInput
          aria-label={ariaLabel}
          className={classes.end}
          hideControls
          thousandSeparator=","
          value={value?.amount ?? ''}
          onChange={(amount) => set(amount, currency)}
          error={Boolean(error)}
          autoFocus={autoFocus}
        />
        <Select
          aria-label={t('field.currency')}
          searchable
          allowDeselect={false}
          data={currencyChoices().map((choice) => choice.value)}
          value={currency}
          onChange={(next) => {
            if (!next) return;
            setCurrency(next);
            set(value?.amount ?? '', next);
          }}
        />
      </div>
    </Input.Wrapper>
  );
}

/** An amount in its currency. */
export const money = fieldView<Money>({
  read: readMoney,
  text: (value) => formatMoney(value),
  align: 'end',
  // Ten digits and cents: a number cut off is a wrong number.
  width: 152,
  large: true,
  Edit: MoneyEdit,
  Filter: NumberFilter,
});
