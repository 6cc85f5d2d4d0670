import { Button, Group, Modal, Progress } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatNumber } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { undoCause } from '#ui/jobs/jobs.ts';
import { ButtonLink } from '#ui/links.tsx';
import { useMeta } from '#ui/meta.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import type { UndoReport } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './import.module.css';
import { type ImportRun, isOver, type RowProblem } from './import-run.ts';

/** How far an import is, by rows, with a way to stop it. */
export function RunProgress({ run }: { run: ImportRun }): ReactNode {
  const { t } = useWords();
  const cancel = async (): Promise<void> => {
    try {
      await post(`/imports/${run.id}/cancel`);
      await queryClient.invalidateQueries({ queryKey: ['import', run.id] });
    } catch (failure) {
      showFailure(failure);
    }
  };
  return (
    <div className={classes.progress} role="status">
      <Progress value={run.total ? (100 * run.done) / run.total : 0} size={6} aria-label={t('import.running')} />
      <div className={classes.progressLine}>
        <span className="pg-figures">
          {run.total ? t('job.progress', { done: formatNumber(run.done), total: formatNumber(run.total) }) : t('import.reading')}
        </span>
        <Button size="compact" variant="subtle" color="gray" onClick={() => void cancel()}>
          {t('action.cancel')}
        </Button>
      </div>
    </div>
  );
}

/** What happened to the rows, as one line of figures. */
export function RunCounts({ run, planned = false }: { run: ImportRun; planned?: boolean }): ReactNode {
  const { t } = useWords();
  return (
    <dl className={classes.counts}>
      {(['created', 'updated', 'skipped', 'failed'] as const).map((key) => (
        <div key={key} data-danger={(key === 'failed' && run.failed > 0) || undefined}>
          <dt>{t(planned ? `import.planned.${key}` : `import.count.${key}`)}</dt>
          <dd>{formatNumber(run[key], 0)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The rows that could not be taken, and why. */
export function Problems({ problems, failed }: { problems: RowProblem[]; failed: number }): ReactNode {
  const { t } = useWords();
  if (problems.length === 0) return null;
  return (
    <div className={classes.problems}>
      <table className={classes.problemTable}>
        <thead>
          <tr>
            <th>{t('import.row')}</th>
            <th>{t('import.column')}</th>
            <th>{t('import.problem')}</th>
          </tr>
        </thead>
        <tbody>
          {problems.map((problem, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row may have several problems in one column
            <tr key={index}>
              <td className="pg-figures">{formatNumber(problem.row, 0)}</td>
              <td>{problem.column}</td>
              <td>{problem.detail}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {failed > problems.length && (
        <p className="pg-meta">{t('import.moreProblems', { count: failed - problems.length, shown: problems.length })}</p>
      )}
    </div>
  );
}

function UndoDialog({ run, report, onClose }: { run: ImportRun; report: UndoReport; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const [busy, setBusy] = useState(false);
  const undo = async (): Promise<void> => {
    if (!run.cause) return;
    setBusy(true);
    try {
      await undoCause(run.cause);
      await queryClient.invalidateQueries();
      onClose();
      showDone(t('import.undone'));
    } catch (failure) {
      setBusy(false);
      showFailure(failure);
    }
  };
  return (
    <Modal opened onClose={onClose} title={t('import.undoTitle')} size={480} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <ul className={classes.undoList}>
        {report.removed > 0 && <li>{t('undo.removes', { count: report.removed, n: formatNumber(report.removed, 0) })}</li>}
        {report.restored > 0 && <li>{t('undo.restores', { count: report.restored, n: formatNumber(report.restored, 0) })}</li>}
        {report.revived > 0 && <li>{t('undo.revives', { count: report.revived, n: formatNumber(report.revived, 0) })}</li>}
        {report.conflictCount > 0 && <li>{t('undo.keeps', { count: report.conflictCount, n: formatNumber(report.conflictCount, 0) })}</li>}
      </ul>
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button color="danger" disabled={busy} onClick={() => void undo()}>
          {t('import.undoAct')}
        </Button>
      </Group>
    </Modal>
  );
}

/** One import: running, or over with its counts, its problems and the way back. */
export function RunView({ run }: { run: ImportRun }): ReactNode {
  const { t, plural, inSentence } = useWords();
  const object = useMeta().object(run.object);
  const [preview, setPreview] = useState<UndoReport | null>(null);
  const [looking, setLooking] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  if (!isOver(run)) return <RunProgress run={run} />;
  const look = async (): Promise<void> => {
    if (!run.cause) return;
    setLooking(true);
    setFailure(null);
    try {
      setPreview(await undoCause(run.cause, true));
    } catch (problem) {
      setFailure(failureText(problem));
    } finally {
      setLooking(false);
    }
  };
  const wrote = run.created + run.updated > 0;
  return (
    <div className={classes.result}>
      <p className={classes.outcome} data-danger={run.state === 'failed' || undefined}>
        {run.state === 'failed' && run.error ? run.error : t(`import.outcome.${run.state}`)}
      </p>
      <RunCounts run={run} />
      <div className={classes.resultActs}>
        {object && wrote && run.state !== 'undone' && (
          <ButtonLink to="/o/$plural" params={{ plural: object.plural }} search={{}}>
            {t('import.show', { objects: inSentence(plural(object.key)) })}
          </ButtonLink>
        )}
        {run.errors && (
          <Button variant="default" component="a" href={run.errors} download leftSection={<IconDownload {...iconLook} />}>
            {t('import.errorFile')}
          </Button>
        )}
        {run.cause && wrote && run.state !== 'undone' && (
          <Button variant="default" disabled={looking} onClick={() => void look()}>
            {t('import.undo')}
          </Button>
        )}
        <ButtonLink variant="subtle" to="/import" search={{}}>
          {t('import.another')}
        </ButtonLink>
      </div>
      {failure && (
        <p className={classes.missing} role="alert">
          {failure}
        </p>
      )}
      <Problems problems={run.problems ?? []} failed={run.failed} />
      {preview && <UndoDialog run={run} report={preview} onClose={() => setPreview(null)} />}
    </div>
  );
}
