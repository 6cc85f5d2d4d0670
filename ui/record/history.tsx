import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get } from '../api.ts';
import { viewOf } from '../fields/registry.ts';
import { formatDateTime, formatRelative } from '../format.ts';
import { fieldOf } from '../meta.ts';
import { failureText } from '../notify.tsx';
import { Picture } from '../person.tsx';
import { useDelayed } from '../use-delayed.ts';
import type { Change, ObjectMeta } from '../wire.ts';
import { useWords, words } from '../words.ts';
import classes from './record.module.css';

interface HistoryPage {
  items: Change[];
  next: string | null;
}

function valueText(object: ObjectMeta, key: string, value: unknown): string {
  const field = fieldOf(object, key);
  if (!field) return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return viewOf(field.type).text(value, field, object.key);
}

function actorName(change: Change): string {
  return change.actor.name ?? words().label(`actor.${change.actor.kind}`);
}

function Entry({ object, change }: { object: ObjectMeta; change: Change }): ReactNode {
  const { t, field: fieldWord, label } = useWords();
  const fields = Object.entries(change.fields);
  const created = change.action === 'create' || change.action === 'created' || change.action === 'insert';
  return (
    <li className={classes.change}>
      <Picture name={actorName(change)} />
      <div className={classes.changeBody}>
        <div>
          <span className={classes.strong}>{actorName(change)}</span> <span className="pg-secondary">{label(`history.${change.action}`)}</span>
          {change.cause.label && <span className="pg-secondary"> · {change.cause.label}</span>}
        </div>
        {!created &&
          fields.map(([key, { from, to }]) => {
            const before = valueText(object, key, from);
            const after = valueText(object, key, to);
            return (
              <div key={key} className={classes.changeField}>
                <span className="pg-secondary">{fieldWord(object.key, key)}</span> {before && <s className={classes.before}>{before}</s>} <span>{after || <span className="pg-meta">{t('value.empty')}</span>}</span>
              </div>
            );
          })}
        <time className="pg-meta" dateTime={change.at} title={formatDateTime(change.at)}>
          {formatRelative(change.at)}
        </time>
      </div>
    </li>
  );
}

/** Who changed what, when, from what to what, newest first. */
export function History({ object, id }: { object: ObjectMeta; id: string }): ReactNode {
  const { t } = useWords();
  const query = useInfiniteQuery({
    queryKey: ['history', object.plural, id],
    queryFn: ({ pageParam, signal }) => get<HistoryPage>(`/${object.plural}/${id}/history`, { cursor: pageParam, limit: 30 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  const late = useDelayed(query.isPending);
  const changes = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isError) return <p className="pg-secondary">{failureText(query.error)}</p>;
  if (query.isPending) return late ? <div className={classes.skeletonLines} aria-hidden /> : null;
  return (
    <>
      <ol className={classes.history}>
        {changes.map((change) => (
          <Entry key={`${change.seq}`} object={object} change={change} />
        ))}
      </ol>
      {query.hasNextPage && (
        <Button size="compact" variant="subtle" color="gray" onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
          {t('history.earlier')}
        </Button>
      )}
    </>
  );
}
