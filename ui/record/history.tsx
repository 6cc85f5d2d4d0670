import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { get } from '../api.ts';
import { failureText } from '../failure.ts';
import { useRecordNames } from '../fields/record-filter.tsx';
import { viewOf } from '../fields/registry.ts';
import { formatDateTime, formatRelative } from '../format.ts';
import { undoCause } from '../jobs/jobs.ts';
import { fieldOf, useMeta } from '../meta.ts';
import { showDone, showFailure, showFailureText } from '../notify.tsx';
import { Picture } from '../person.tsx';
import { queryClient } from '../query-client.ts';
import { useDelayed } from '../use-delayed.ts';
import { type Change, isObject, type ObjectMeta } from '../wire.ts';
import { useWords, words } from '../words.ts';
import classes from './record.module.css';

interface HistoryPage {
  items: Change[];
  next: string | null;
}

/** A value as it was then. The log keeps ids of records; their names are asked for. */
function Then({ object, field: key, value }: { object: ObjectMeta; field: string; value: unknown }): ReactNode {
  const field = fieldOf(object, key);
  const target = field?.to ?? (field?.type === 'user' ? 'user' : undefined);
  const ids =
    target === undefined
      ? []
      : (Array.isArray(value) ? value : [value])
          .map((entry) => (isObject(entry) ? entry.id : entry))
          .filter((id): id is string => typeof id === 'string');
  const names = useRecordNames(ids.length > 0 ? target : undefined, ids);
  if (ids.length > 0) return names.map((one) => one.name).join(', ');
  if (!field) return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
  return viewOf(field.type).text(value, field, object.key) || null;
}

/** Of what is about the record: what was said with it. */
const told = (fields: Change['fields']): Change['fields'] =>
  Object.fromEntries(
    Object.entries(fields).filter(([key, { from, to }]) => !['object', 'record'].includes(key) && !(isNothing(from) && isNothing(to))),
  );

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}

function actorName(change: Change): string {
  return (change.actor.id !== null || change.actor.kind === 'flow') && change.actor.name
    ? change.actor.name
    : words().label(`actor.${change.actor.kind}`);
}

/** Fields of one change, each from what to what. */
export function Fields({ object, fields }: { object: ObjectMeta; fields: Change['fields'] }): ReactNode {
  const { t, field: fieldWord } = useWords();
  // What the product keeps for itself in a form of its own is told by the page that it is kept for.
  const read = Object.entries(fields).filter(([key]) => {
    const field = fieldOf(object, key);
    return field?.type !== 'json' || !field.readOnly;
  });
  return read.map(([key, { from, to }]) => (
    <div key={key} className={classes.changeField}>
      <span className="pg-secondary">{fieldWord(object.key, key)}</span>{' '}
      {!isNothing(from) && (
        <s className={classes.before}>
          <Then object={object} field={key} value={from} />
        </s>
      )}{' '}
      {isNothing(to) ? <span className="pg-meta">{t('value.empty')}</span> : <Then object={object} field={key} value={to} />}
    </div>
  ));
}

function Entry({ object, change, onUndo }: { object: ObjectMeta; change: Change; onUndo: (() => void) | null }): ReactNode {
  const { t, label } = useWords();
  const about = useMeta().object(change.about?.object);
  const created = change.action === 'create' || change.action === 'created' || change.action === 'insert';
  return (
    <li className={classes.change}>
      <Picture name={actorName(change)} />
      <div className={classes.changeBody}>
        <div>
          <span className={classes.strong}>{actorName(change)}</span>{' '}
          <span className="pg-secondary">{label(about ? `history.${about.key}.${change.action}` : `history.${change.action}`)}</span>
          {change.cause.label && <span className="pg-secondary"> · {change.cause.label}</span>}
        </div>
        {about ? <Fields object={about} fields={told(change.fields)} /> : !created && <Fields object={object} fields={change.fields} />}
        <time className="pg-meta" dateTime={change.at} title={formatDateTime(change.at)}>
          {formatRelative(change.at)}
        </time>
      </div>
      {onUndo && (about !== undefined || !created) && (
        <Button className={classes.changeUndo} size="compact" variant="subtle" color="gray" onClick={onUndo}>
          {t('action.undo')}
        </Button>
      )}
    </li>
  );
}

/** Who changed what, when, from what to what, newest first. */
export function History({ object, id }: { object: ObjectMeta; id: string }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const meta = useMeta();
  const query = useInfiniteQuery({
    queryKey: ['history', object.plural, id],
    queryFn: ({ pageParam, signal }) => get<HistoryPage>(`/${object.plural}/${id}/history`, { cursor: pageParam, limit: 30 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
  });
  const late = useDelayed(query.isPending);
  /** Takes back what one act did to this record; what somebody changed since stays and is named. */
  const undo = async (change: Change): Promise<void> => {
    try {
      const about = meta.object(change.about?.object);
      const only = about && change.about ? { object: about.plural, record: change.about.id } : { object: object.plural, record: id };
      const report = await undoCause(change.cause.id, false, only);
      await queryClient.invalidateQueries({ predicate: (one) => !['session', 'meta', 'views'].includes(String(one.queryKey[0])) });
      const kept = (report?.conflicts ?? [])
        .map((conflict) => (conflict.field ? fieldWord(object.key, conflict.field) : conflict.detail))
        .filter(Boolean);
      if (report && report.conflictCount > 0) showFailureText(`${t('undo.kept', { count: report.conflictCount })} ${kept.join(', ')}`);
      else showDone(t('history.undone'));
    } catch (failure) {
      showFailure(failure);
    }
  };
  const changes = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isError) return <p className="pg-secondary">{failureText(query.error)}</p>;
  if (query.isPending) return late ? <div className={classes.skeletonLines} aria-hidden /> : null;
  return (
    <>
      <ol className={classes.history}>
        {changes.map((change) => (
          <Entry key={`${change.seq}`} object={object} change={change} onUndo={object.verbs.update ? () => void undo(change) : null} />
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
