import { NativeSelect, NumberInput, Switch } from '@mantine/core';
import type { ReactNode } from 'react';
import { COMPARISONS } from '#engine/declare/report.ts';
import { FilterBar } from '#ui/list/filter-bar.tsx';
import { readWhere } from '#ui/list/predicate.ts';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { CutPart } from './cut-part.tsx';
import classes from './insight.module.css';
import type { Drawing, Form, MeasureInfo, Question } from './insight.ts';
import { MeasurePart } from './measure-part.tsx';
import { PeriodSelect } from './period-select.tsx';
import { formsFor, hasTime } from './question.ts';

interface Props {
  question: Question;
  drawing: Drawing;
  measures: readonly MeasureInfo[];
  /** The one object that is counted, where it is one. */
  object: ObjectMeta | undefined;
  asOf: string | undefined;
  onAsk: (question: Question) => void;
  onDraw: (drawing: Drawing) => void;
}

/** What a report asks and how it is drawn. */
export function QuestionSide({ question, drawing, measures, object, asOf, onAsk, onDraw }: Props): ReactNode {
  const { t } = useWords();
  const timed = hasTime(question, measures);
  const forms = formsFor(question, measures);
  const cut = (question.by ?? []).length > 0;
  const ask = (change: Partial<Record<keyof Question, unknown>>): void => {
    const next = { ...question, ...change };
    onAsk(
      Object.fromEntries(
        Object.entries(next).filter(([, value]) => value !== undefined && value !== null && value !== false),
      ) as unknown as Question,
    );
  };
  return (
    <div className={classes.side}>
      <MeasurePart chosen={question.measures} measures={measures} asOf={asOf} onChange={(chosen) => ask({ measures: chosen })} />
      <CutPart question={question} measures={measures} object={object} onChange={(by) => ask({ by })} />
      {timed && (
        <fieldset className={classes.group}>
          <legend>{t('report.period')}</legend>
          <PeriodSelect value={question.period ?? null} onChange={(period) => ask({ period, ...(period ? {} : { compare: undefined }) })} />
        </fieldset>
      )}
      {timed && question.period && (
        <NativeSelect
          label={t('report.compareWith')}
          value={question.compare ?? ''}
          onChange={(event) => ask({ compare: event.currentTarget.value || undefined })}
          data={[
            { value: '', label: t('report.compare.none') },
            ...COMPARISONS.map((one) => ({ value: one, label: t(`report.compare.${one}`) })),
          ]}
        />
      )}
      {object && (
        <fieldset className={classes.group}>
          <legend>{t('report.filter')}</legend>
          <FilterBar object={object} where={readWhere(question.where)} clearable onChange={(where) => ask({ where })} />
          {object.owner && (
            <Switch
              mt="xs"
              label={t('report.mine')}
              checked={question.mine === true}
              onChange={(event) => ask({ mine: event.currentTarget.checked })}
            />
          )}
        </fieldset>
      )}
      {question.measures.length > 0 && (
        <NativeSelect
          label={t('report.drawnAs')}
          value={drawing.form}
          onChange={(event) => onDraw({ ...drawing, form: event.currentTarget.value as Form })}
          data={forms.map((form, i) => ({
            value: form,
            label: i === 0 ? t('form.suggested', { form: t(`form.${form}`) }) : t(`form.${form}`),
          }))}
        />
      )}
      {cut && (
        <>
          <NativeSelect
            label={t('report.sort')}
            value={drawing.sort ?? 'value'}
            onChange={(event) => onDraw({ ...drawing, sort: event.currentTarget.value === 'cut' ? 'cut' : 'value' })}
            data={[
              { value: 'value', label: t('report.sort.value') },
              { value: 'cut', label: t('report.sort.cut') },
            ]}
          />
          <NumberInput
            label={t('report.top')}
            placeholder={t('report.topAll')}
            min={1}
            max={1000}
            allowDecimal={false}
            value={drawing.top ?? ''}
            onChange={(value) => {
              const { top: _, ...rest } = drawing;
              onDraw(typeof value === 'number' && value > 0 ? { ...rest, top: value } : rest);
            }}
          />
        </>
      )}
    </div>
  );
}
