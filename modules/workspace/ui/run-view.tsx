import { Button, Progress } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { post } from '#ui/api.ts';
import { UndoDialog } from '#ui/audit/undo-dialog.tsx';
import { formatNumber } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { ButtonLink } from '#ui/links.tsx';
import { useMeta } from '#ui/meta.ts';
import { showFailure } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { useWords } from '#ui/words.ts';
import { ErasedRows } from './erased-rows.tsx';
import classes from './import.module.css';
import { type ImportRun, isOver, type RowProblem } from './import-run.ts';
import { ToDuplicates } from './likely-rows.tsx';

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

/** One import: running, or over with its counts, its problems and the way back. */
export function RunView({ run }: { run: ImportRun }): ReactNode {
  const { t, plural, inSentence } = useWords();
  const object = useMeta().object(run.object);
  const [undoing, setUndoing] = useState(false);
  if (!isOver(run)) return <RunProgress run={run} />;
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
        <ErasedRows run={run} />
        {object?.duplicates && run.created > 0 && run.state !== 'undone' && <ToDuplicates object={object} />}
        {run.errors && (
          <Button variant="default" component="a" href={run.errors} download leftSection={<IconDownload {...iconLook} />}>
            {t('import.errorFile')}
          </Button>
        )}
        {run.cause && wrote && run.state !== 'undone' && (
          <Button variant="default" onClick={() => setUndoing(true)}>
            {t('import.undo')}
          </Button>
        )}
        <ButtonLink variant="subtle" to="/import" search={{}}>
          {t('import.another')}
        </ButtonLink>
      </div>
      <Problems problems={run.problems ?? []} failed={run.failed} />
      {undoing && run.cause && (
        <UndoDialog
          cause={run.cause}
          title={t('import.undoTitle')}
          act={t('import.undoAct')}
          done={t('import.undone')}
          onClose={() => setUndoing(false)}
        />
      )}
    </div>
  );
}
