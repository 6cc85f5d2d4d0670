import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { formatAge } from '#ui/format.ts';
import { asksOf } from '#ui/list/cards.ts';
import { moveRecord } from '#ui/list/move-record.ts';
import { titleText } from '#ui/list/record-title.tsx';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { InlineField } from '#ui/record/inline-field.tsx';
import { isEditable } from '#ui/record/use-field-edit.ts';
import { type ObjectMeta, type RecordData, readNamed } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './deal.module.css';
import { daysByStage, passedQuery } from './deal.ts';
import { pipelinesQuery, type Stage, stagesQuery } from './pipelines.ts';
import { Playbook } from './playbook.tsx';

interface Props {
  object: ObjectMeta;
  record: RecordData;
  /** What else stands there. */
  children?: ReactNode;
}

/** Where a deal stands: its way through the stages, with the days in each, what its stage asks for, and the next step. */
export function DealTop({ object, record, children }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  const meta = useMeta();
  const client = useQueryClient();
  const stages = useQuery({ ...stagesQuery, enabled: meta.object('stage') !== undefined });
  const pipelines = useQuery({ ...pipelinesQuery, enabled: meta.object('pipeline') !== undefined });
  const passed = useQuery({ ...passedQuery(record.id), enabled: meta.object('stageChange') !== undefined });
  const pipeline = readNamed(record.pipeline);
  const at = readNamed(record.stage);
  const own = useMemo(() => (stages.data ?? []).filter((stage) => stage.pipeline.id === pipeline?.id), [stages.data, pipeline?.id]);
  const here = own.find((stage) => stage.id === at?.id);
  const since = typeof record.daysInStage === 'number' ? record.daysInStage : null;
  const days = daysByStage(passed.data ?? [], at && since !== null ? { stage: at.id, days: since } : null);
  const field = fieldOf(object, 'stage');
  const next = fieldOf(object, 'nextStep');
  const movable = field !== undefined && isEditable(object, field);
  const place = own.findIndex((stage) => stage.id === at?.id);
  const move = (stage: Stage): void => {
    if (!field || stage.id === at?.id) return;
    const value = { id: stage.id, name: stage.name };
    const said = t('board.moved', { name: titleText(object, record) || t('record.unnamed'), to: stage.name });
    void moveRecord(client, { object, record, field, value, said, asks: asksOf(object, stage.category) });
  };
  return (
    <section className={classes.top} aria-label={t('deal.course')}>
      <ol
        className={classes.path}
        aria-label={t('deal.path', { name: pipelines.data?.find((one) => one.id === pipeline?.id)?.name ?? pipeline?.name ?? '' })}
      >
        {own.map((stage, i) => {
          const spent = days.get(stage.id);
          const current = stage.id === at?.id;
          const inside = (
            <>
              <span className={classes.stage}>{stage.name}</span>
              <span className={classes.days} data-rotting={(current && record.rotting === true) || undefined}>
                {spent !== undefined ? formatAge(spent) : '\u00a0'}
              </span>
            </>
          );
          return (
            <li
              key={stage.id}
              data-passed={(i < place && stage.category === 'open') || undefined}
              data-current={current || undefined}
              data-end={stage.category}
            >
              <button
                type="button"
                disabled={!movable && !current}
                aria-current={current ? 'step' : undefined}
                onClick={() => movable && move(stage)}
              >
                {inside}
              </button>
            </li>
          );
        })}
      </ol>
      {record.rotting === true && here?.maxAgeDays && (
        <p className={classes.rotting}>
          {t('deal.rotting', { stage: here.name, age: formatAge(since ?? 0), most: formatAge(here.maxAgeDays) })}
        </p>
      )}
      <div className={classes.now}>
        {next && (
          <div className={classes.next}>
            <h2 className={classes.label}>{fieldWord(object.key, next.key)}</h2>
            <InlineField object={object} record={record} field={next} />
          </div>
        )}
        {here?.guidance && (
          <div className={classes.guidance}>
            <h2 className={classes.label}>{t('deal.guidance', { stage: here.name })}</h2>
            <p>{here.guidance}</p>
          </div>
        )}
        {here && <Playbook key={record.id} object={object} record={record} stage={here} />}
      </div>
      {children}
    </section>
  );
}
