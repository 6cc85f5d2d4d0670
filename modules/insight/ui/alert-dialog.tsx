import { ActionIcon, NativeSelect, NumberInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { post, request } from '#ui/api.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { formatNumber, formatPercent } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import classes from './insight.module.css';
import { type MeasureInfo, type Question, save } from './insight.ts';

type Bound = 'above' | 'below' | 'change';

interface Alert {
  id: string;
  name: string;
  measure: string;
  bound: Bound;
  threshold: string | number;
  met: boolean | null;
}

/** Figures of a report that somebody wants to be told of: what there is, and one more. */
export function AlertDialog({
  question,
  measures,
  onClose,
}: {
  question: Question;
  measures: readonly MeasureInfo[];
  onClose: () => void;
}): ReactNode {
  const { t, option } = useWords();
  const client = useQueryClient();
  const [measure, setMeasure] = useState(question.measures[0] ?? '');
  const info = measures.find(({ key }) => key === measure);
  const comparable = info?.at !== undefined && question.period !== undefined;
  const [bound, setBound] = useState<Bound>('below');
  const [threshold, setThreshold] = useState<number | string>('');
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['measure', 'bound', 'threshold']);
  const inPercent = bound === 'change' || info?.unit === 'percent';
  const queryKey = ['alerts', question.measures];
  const { data } = useQuery({
    queryKey,
    queryFn: async ({ signal }) =>
      (
        await post<{ items: Alert[] }>(
          '/measureAlerts/query',
          {
            where: { field: 'measure', op: 'in', value: question.measures },
            fields: ['name', 'measure', 'bound', 'threshold', 'met'],
            sort: ['name'],
            limit: 100,
          },
          signal,
        )
      ).items,
  });
  const said = (of: { measure: string; bound: Bound; threshold: string | number }): string => {
    const unit = measures.find(({ key }) => key === of.measure)?.unit;
    const value = Number(of.threshold);
    return t('alert.said', {
      measure: t(`measure.${of.measure}`),
      bound: option('measureAlert', 'bound', of.bound).toLocaleLowerCase(),
      threshold: of.bound === 'change' || unit === 'percent' ? formatPercent(value) : formatNumber(value, 2),
    });
  };
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    const value = Number(threshold) / (inPercent ? 100 : 1);
    try {
      const { cause } = await save('measureAlerts', null, {
        name: said({ measure, bound, threshold: value }),
        measure,
        bound,
        threshold: String(value),
        filter: question.where ?? null,
        period: info?.at === undefined ? null : (question.period ?? null),
      });
      await client.invalidateQueries({ queryKey });
      showUndo(t('alert.made'), cause, () => void client.invalidateQueries({ queryKey }));
      onClose();
    } catch (problem) {
      setFailure(problem);
    }
  };
  const remove = async (id: string): Promise<void> => {
    try {
      const { cause } = await request('DELETE', `/measureAlerts/${id}`);
      await client.invalidateQueries({ queryKey });
      showUndo(t('alert.removed'), cause, () => void client.invalidateQueries({ queryKey }));
    } catch (problem) {
      showFailure(problem);
    }
  };
  return (
    <FormDialog
      title={t('alert.title', { measure: t(`measure.${measure}`) })}
      failure={refusal.whole}
      act={t('alert.make')}
      waits={threshold === ''}
      onSubmit={make}
      onClose={onClose}
    >
      <p className="pg-secondary">{t('alert.hint')}</p>
      {data && data.length > 0 && (
        <ul className={classes.rows}>
          {data.map((one) => (
            <li key={one.id}>
              <span className={classes.grow}>
                {said(one)} {one.met && <span className="pg-danger">{t('alert.isPast')}</span>}
              </span>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('alert.remove', { name: said(one) })}
                onClick={() => void remove(one.id)}
              >
                <IconTrash {...iconLook} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      <NativeSelect
        label={t('alert.measure')}
        error={refusal.at('measure')}
        value={measure}
        onChange={(event) => setMeasure(event.currentTarget.value)}
        data={question.measures.map((key) => ({ value: key, label: t(`measure.${key}`) }))}
      />
      <NativeSelect
        label={t('alert.bound')}
        error={refusal.at('bound')}
        value={bound}
        onChange={(event) => setBound(event.currentTarget.value as Bound)}
        data={(['below', 'above', ...(comparable ? (['change'] as const) : [])] as const).map((one) => ({
          value: one,
          label: option('measureAlert', 'bound', one),
        }))}
      />
      <NumberInput
        label={inPercent ? t('alert.percent') : t('measureAlert.fields.threshold')}
        value={threshold}
        onChange={setThreshold}
        error={refusal.at('threshold')}
        suffix={inPercent ? ' %' : ''}
        data-autofocus
      />
    </FormDialog>
  );
}
