import { Button, Group, NativeSelect } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatDateTime, formatNumber, formatRelative } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import { UntilSo } from './about.tsx';
import classes from './flows.module.css';
import { countsQuery, detailText, RUN_STATES, type Run, type RunState, refresh, runQuery, runsQuery, useStepWords } from './flows.ts';

const ENDED = new Set<RunState>(['done', 'failed', 'stopped']);

/** The runs of a flow, newest first: each with what it did, to be tried again or stopped. */
export function RunsPart({ flow }: { flow: string }): ReactNode {
  const { t } = useWords();
  const [state, setState] = useState<RunState | ''>('');
  const { data: counts } = useQuery(countsQuery(flow));
  const query = useInfiniteQuery(runsQuery(flow, state));
  const runs = query.data?.pages.flatMap(({ items }) => items) ?? [];
  const failed = counts?.states.failed.value ?? 0;
  const counted = (one: RunState): string => {
    const count = counts?.states[one];
    return count ? `${formatNumber(count.value)}${count.exact ? '' : '+'}` : '';
  };
  const retryAll = async (): Promise<void> => {
    try {
      const { retried } = await post<{ retried: number }>(`/flows/${flow}/retry`, {});
      showDone(t('flows.retried', { count: retried, n: formatNumber(retried) }));
    } catch (failure) {
      showFailure(failure);
    }
    await refresh();
  };
  return (
    <div className={classes.runs}>
      {counts?.problem && (
        <p role="alert" className={classes.wrong}>
          {counts.problem}
        </p>
      )}
      <Group gap="sm" mb="sm">
        <NativeSelect
          aria-label={t('flows.state')}
          data={[
            { value: '', label: t('flows.allStates') },
            ...RUN_STATES.map((one) => ({ value: one, label: `${t(`flows.run.${one}`)} ${counted(one)}` })),
          ]}
          value={state}
          onChange={({ currentTarget }) => setState(RUN_STATES.find((one) => one === currentTarget.value) ?? '')}
        />
        {failed > 0 && (
          <Button variant="default" onClick={() => void retryAll()}>
            {t('flows.retryAll', { count: failed, n: counted('failed') })}
          </Button>
        )}
        {counts && counts.held > 0 && (
          <span className="pg-secondary">{t('flows.heldBack', { count: counts.held, n: formatNumber(counts.held) })}</span>
        )}
        {counts && counts.deliveries.dead > 0 && (
          <span className={classes.wrong}>
            {t('flows.dead', { count: counts.deliveries.dead, n: formatNumber(counts.deliveries.dead) })}
          </span>
        )}
      </Group>
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.isSuccess && runs.length === 0 && <p className="pg-secondary">{t('flows.noRuns')}</p>}
      <ul className={classes.rows}>
        {runs.map((run) => (
          <RunRow key={run.id} run={run} />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button variant="default" mt="sm" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t('flows.more')}
        </Button>
      )}
    </div>
  );
}

function RunRow({ run }: { run: Run }): ReactNode {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const object = useMeta().object(run.object);
  const act = async (what: 'retry' | 'stop'): Promise<void> => {
    try {
      await post(`/flow-runs/${run.id}/${what}`, {});
      showDone(t(what === 'retry' ? 'flows.retriedOne' : 'flows.stoppedOne'));
    } catch (failure) {
      showFailure(failure);
    }
    await refresh();
  };
  const name = run.record.name || t('record.unnamed');
  return (
    <li>
      <div className={classes.run}>
        <span className={classes.grow}>
          {object ? (
            <Link className="pg-link" to="/o/$plural/$id" params={{ plural: object.plural, id: run.record.id }}>
              {name}
            </Link>
          ) : (
            name
          )}
          <span className={classes.quiet}>{t('flows.startedAt', { when: formatRelative(run.createdAt) })}</span>
        </span>
        <span className={classes.state} data-state={run.state}>
          {t(run.held ? 'flows.held' : `flows.run.${run.state}`)}
          {run.state === 'waiting' && run.waitsFor !== null && (
            <span className={classes.quiet}>
              <UntilSo object={run.object} when={run.waitsFor} />
            </span>
          )}
          {run.state === 'waiting' && run.wakeAt && (
            <span className={classes.quiet}>
              {t(run.waitsFor === null ? 'flows.until' : 'flows.atLatest', { when: formatDateTime(run.wakeAt) })}
            </span>
          )}
          {run.error && <span className={classes.quiet}>{run.error}</span>}
        </span>
        <div className={classes.runActs}>
          {run.state === 'failed' && (
            <Button size="compact" variant="subtle" onClick={() => void act('retry')}>
              {t('action.retry')}
            </Button>
          )}
          {!ENDED.has(run.state) && (
            <Button size="compact" variant="subtle" color="danger" onClick={() => void act('stop')}>
              {t('flows.stop')}
            </Button>
          )}
          <Button size="compact" variant="subtle" color="gray" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t('flows.steps')}
          </Button>
        </div>
      </div>
      {open && <RunSteps id={run.id} />}
    </li>
  );
}

function RunSteps({ id }: { id: string }): ReactNode {
  const { t } = useWords();
  const { title, outcome } = useStepWords();
  const { data, isError, error } = useQuery(runQuery(id));
  if (isError) return <p role="alert">{failureText(error)}</p>;
  if (!data) return null;
  if (data.steps.length === 0) return <p className={classes.hint}>{t('flows.noSteps')}</p>;
  return (
    <ol className={classes.did}>
      {data.steps.map((one) => {
        const step = data.shape.steps[one.step];
        return (
          <li key={one.n}>
            <span className={classes.strong}>{step ? title(step) : one.step}</span>
            <span className={classes.outcome}>{outcome(step, one.outcome)}</span>
            <span className="pg-meta">{formatDateTime(one.at)}</span>
            {(one.outcome === 'failed' || one.outcome === 'again') && <span className={classes.wrong}>{detailText(one.detail)}</span>}
          </li>
        );
      })}
    </ol>
  );
}
