import { NativeSelect, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Period } from '#engine/declare/report.ts';
import { companyToday } from '#ui/format.ts';
import { useWords } from '#ui/words.ts';
import classes from './insight.module.css';

/** Stretches of days that are chosen by name. */
const NAMED: Record<string, Period> = {
  thisMonth: { in: 'month' },
  lastMonth: { in: 'month', ago: 1 },
  thisQuarter: { in: 'quarter' },
  lastQuarter: { in: 'quarter', ago: 1 },
  thisYear: { in: 'year' },
  lastYear: { in: 'year', ago: 1 },
  last30Days: { last: 30, unit: 'day' },
  last12Weeks: { last: 12, unit: 'week' },
  last12Months: { last: 12, unit: 'month' },
  last8Quarters: { last: 8, unit: 'quarter' },
};

const nameOf = (period: Period): string | undefined =>
  Object.entries(NAMED).find(([, one]) => JSON.stringify(one) === JSON.stringify({ ...period }))?.[0];

interface Props {
  value: Period | null | undefined;
  /** `undefined` is offered where something else may say it: as each report has it. */
  own?: boolean;
  onChange: (period: Period | null | undefined) => void;
}

/** Which days count. */
export function PeriodSelect({ value, own = false, onChange }: Props): ReactNode {
  const { t } = useWords();
  const fixed = value && 'from' in value ? value : null;
  const name = value === undefined && own ? 'own' : !value ? 'always' : fixed ? 'fixed' : (nameOf(value) ?? 'other');
  const choose = (next: string): void => {
    if (next === 'own') onChange(undefined);
    else if (next === 'always') onChange(null);
    else if (next === 'fixed') onChange({ from: `${companyToday().slice(0, 4)}-01-01`, to: companyToday() });
    else if (NAMED[next]) onChange(NAMED[next]);
  };
  return (
    <div className={classes.period}>
      <NativeSelect
        aria-label={t('report.period')}
        value={name}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[
          ...(own ? [{ value: 'own', label: t('period.own') }] : []),
          { value: 'always', label: t('period.always') },
          ...Object.keys(NAMED).map((one) => ({ value: one, label: t(`period.${one}`) })),
          { value: 'fixed', label: t('period.fixed') },
          ...(name === 'other' ? [{ value: 'other', label: t('period.other') }] : []),
        ]}
      />
      {fixed && (
        <>
          <TextInput
            type="date"
            aria-label={t('period.from')}
            value={fixed.from}
            max={fixed.to}
            onChange={(event) => event.currentTarget.value && onChange({ ...fixed, from: event.currentTarget.value })}
          />
          <TextInput
            type="date"
            aria-label={t('period.to')}
            value={fixed.to}
            min={fixed.from}
            onChange={(event) => event.currentTarget.value && onChange({ ...fixed, to: event.currentTarget.value })}
          />
        </>
      )}
    </div>
  );
}
