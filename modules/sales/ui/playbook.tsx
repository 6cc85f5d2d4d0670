import { Button, Checkbox } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { CreateDialog } from '#ui/form/create-dialog.tsx';
import { formatNumber, formatRelative } from '#ui/format.ts';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { CoursePart } from '#ui/record/course.tsx';
import type { ObjectMeta, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './deal.module.css';
import { checksQuery, isFilled } from './deal.ts';
import { type PlaybookStep, playbookQuery, type Stage } from './pipelines.ts';

interface Props {
  object: ObjectMeta;
  record: RecordData;
  stage: Stage;
}

/** The playbook of the stage a deal lies in: each step checked off by whoever did it, or done by a field that answers it. */
export function Playbook({ object, record, stage }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  const meta = useMeta();
  const client = useQueryClient();
  const [busy, setBusy] = useState<string | null>(null);
  const [task, setTask] = useState<PlaybookStep | null>(null);
  const readable = meta.object('playbookStep') !== undefined && meta.object('playbookCheck') !== undefined;
  const steps = useQuery({ ...playbookQuery, enabled: readable }).data?.filter((step) => step.stage.id === stage.id) ?? [];
  const checks = useQuery({ ...checksQuery(record.id), enabled: readable && steps.length > 0 });
  if (steps.length === 0) return null;
  const may = object.verbs.update && meta.object('playbookCheck')?.verbs.create === true;
  const tasks = meta.object('task');
  const checkOf = (step: PlaybookStep) => checks.data?.find((check) => check.step?.id === step.id);
  const answered = (step: PlaybookStep): boolean => step.asks !== null && isFilled(record[step.asks]);
  const done = steps.filter((step) => checkOf(step) !== undefined || answered(step)).length;
  const toggle = async (step: PlaybookStep): Promise<void> => {
    const check = checkOf(step);
    setBusy(step.id);
    try {
      const { cause } = check
        ? await request('DELETE', `/playbookChecks/${check.id}`)
        : await request('POST', '/playbookChecks', { body: { opportunity: record.id, step: step.id } });
      showUndo(t(check ? 'deal.unchecked' : 'deal.checked', { step: step.text }), cause);
    } catch (failure) {
      showFailure(failure);
    }
    await client.invalidateQueries({ queryKey: checksQuery(record.id).queryKey });
    setBusy(null);
  };
  return (
    <CoursePart
      title={
        <>
          {t('deal.playbook', { stage: stage.name })}
          <span className={classes.progress}>
            {t('deal.progress', { done: formatNumber(done, 0), all: formatNumber(steps.length, 0) })}
          </span>
        </>
      }
    >
      <ul className={classes.steps}>
        {steps.map((step) => {
          const check = checkOf(step);
          const asked = step.asks === null ? undefined : fieldOf(object, step.asks);
          const said = check
            ? t('deal.doneBy', { name: check.by?.name ?? 'Perigon', at: check.at ? formatRelative(check.at) : '' })
            : asked && answered(step)
              ? t('deal.answered', { field: fieldWord(object.key, asked.key) })
              : asked
                ? t('deal.asks', { field: fieldWord(object.key, asked.key) })
                : null;
          return (
            <li key={step.id}>
              <Checkbox
                checked={check !== undefined || answered(step)}
                disabled={!may || busy === step.id || (check === undefined && answered(step))}
                onChange={() => void toggle(step)}
                label={
                  <>
                    {step.text}
                    {step.required && <span className={classes.needed}>{t('deal.needed')}</span>}
                  </>
                }
                description={[step.detail, said].filter(Boolean).join(' · ') || undefined}
              />
              {step.makesTask && !check && tasks?.verbs.create && (
                <Button size="compact" variant="subtle" color="gray" onClick={() => setTask(step)}>
                  {t('deal.makeTask')}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {task && tasks && (
        <CreateDialog
          object={tasks}
          preset={{ subject: task.text, party: record.customer, owner: record.owner, description: task.detail }}
          onClose={() => setTask(null)}
          onCreated={() => setTask(null)}
        />
      )}
    </CoursePart>
  );
}
