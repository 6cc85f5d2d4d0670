import { Button, Group } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useConditions } from '#ui/form/use-conditions.ts';
import { moveRecord } from '#ui/list/move-record.ts';
import { titleText } from '#ui/list/record-title.tsx';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { useActions } from '#ui/record/action-dialog.tsx';
import { Course, CoursePart } from '#ui/record/course.tsx';
import { InlineField } from '#ui/record/inline-field.tsx';
import { RecordScreen } from '#ui/record/record-screen.tsx';
import { isEditable } from '#ui/record/use-field-edit.ts';
import type { ObjectMeta, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './lead.module.css';
import { ScorePart } from './score-part.tsx';

/** The page of a lead: how far it is, how promising and why whose, what is still to be known of it, and everything any record has. */
export function LeadRecord({ object, id }: { object: ObjectMeta; id: string }): ReactNode {
  return (
    <RecordScreen
      object={object}
      id={id}
      top={(record) => (
        <>
          <LeadTop key={record.id} object={object} record={record} />
          <ScorePart object={object} record={record} />
        </>
      )}
    />
  );
}

const OPEN = ['new', 'working', 'qualified'];
const ENDS = ['converted', 'lost'];

function LeadTop({ object, record }: { object: ObjectMeta; record: RecordData }): ReactNode {
  const { t, option, label, field: fieldWord } = useWords();
  const client = useQueryClient();
  const actions = useMeta().actions.filter((action) => action.object === object.key);
  const { choose, dialog } = useActions(actions, [record.id]);
  const holds = useConditions(object);
  const status = fieldOf(object, 'status');
  const now = String(record.status ?? '');
  const at = OPEN.indexOf(now);
  const movable = status !== undefined && isEditable(object, status) && now !== 'converted';
  const convert = actions.find(({ key }) => key === 'convertLead');
  const qualify = actions.find(({ key }) => key === 'qualifyLead');
  const qualified = { ...record, status: 'qualified' };
  const needed =
    at >= 0 && holds
      ? object.fields.filter((one) => one.requiredWhen !== undefined && !one.hidden && holds(one.requiredWhen, qualified))
      : [];
  const missing = needed.filter(({ key }) => isEmpty(record[key]));
  const move = (to: string): void => {
    if (!status || to === now) return;
    if (to === 'converted') {
      if (convert) choose(convert);
      return;
    }
    const said = t('board.moved', { name: titleText(object, record) || t('record.unnamed'), to: option(object.key, status.key, to) });
    void moveRecord(client, {
      object,
      record,
      field: status,
      value: to,
      said,
      ...(to === 'lost' ? { asks: { keys: ['lossReason', 'lossNote'], outcome: 'lead' } } : {}),
    });
  };
  return (
    <Course
      label={t('lead.course')}
      path={t('lead.path')}
      steps={[...OPEN, ...ENDS].map((key, i) => ({
        key,
        inside: option(object.key, 'status', key),
        passed: i < OPEN.length && (now === 'converted' || i < at),
        current: key === now,
        lost: key === 'lost',
      }))}
      onMove={movable ? ({ key }) => move(key) : null}
    >
      {record.suspect === true && <p className={classes.suspect}>{t('lead.suspectIs')}</p>}
      {at >= 0 && (
        <div className={classes.now}>
          {now !== 'qualified' && missing.length > 0 && (
            <CoursePart className={classes.missing} title={t('lead.missing')}>
              <dl>
                {missing.map((one) => (
                  <Line key={one.key} word={fieldWord(object.key, one.key)}>
                    <InlineField object={object} record={record} field={one} />
                  </Line>
                ))}
              </dl>
            </CoursePart>
          )}
          <Group gap="sm">
            {qualify && now !== 'qualified' && (
              <Button variant={convert ? 'default' : 'filled'} onClick={() => (missing.length > 0 ? choose(qualify) : move('qualified'))}>
                {label('qualifyLead.name')}
              </Button>
            )}
            {convert && <Button onClick={() => choose(convert)}>{label('convertLead.name')}</Button>}
          </Group>
        </div>
      )}
      {dialog}
    </Course>
  );
}

function Line({ word, children }: { word: string; children: ReactNode }): ReactNode {
  return (
    <>
      <dt>{word}</dt>
      <dd>{children}</dd>
    </>
  );
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === '';
