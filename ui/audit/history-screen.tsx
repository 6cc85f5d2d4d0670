import { Button, NativeSelect, SegmentedControl } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Fragment, type ReactNode, useId, useState } from 'react';
import { failureText } from '../failure.ts';
import { dayOf, formatDateTime, formatDay, formatList, formatNumber, formatTime } from '../format.ts';
import { iconLook } from '../icons.ts';
import { useMeta } from '../meta.ts';
import { PageHeader } from '../page-header.tsx';
import { Picture } from '../person.tsx';
import { Fields } from '../record/history.tsx';
import { useDelayed } from '../use-delayed.ts';
import { useWords } from '../words.ts';
import classes from './audit.module.css';
import { type CauseFilter, type CauseLine, causeKinds, causesQuery, changesQuery, deeds } from './audit.ts';
import { UndoDialog } from './undo-dialog.tsx';

interface Props {
  filter: CauseFilter;
  onFilter: (filter: CauseFilter) => void;
}

/** What was done, act by act: who, what to which records, when; looked into and taken back from here. */
export function HistoryScreen({ filter, onFilter }: Props): ReactNode {
  const { t, plural, label } = useWords();
  const meta = useMeta();
  const all = meta.may('undo');
  const query = useInfiniteQuery(causesQuery(filter));
  const late = useDelayed(query.isPending);
  const [undoing, setUndoing] = useState<CauseLine | null>(null);
  const lines = query.data?.pages.flatMap((page) => page.items) ?? [];
  const days = new Map<string, CauseLine[]>();
  for (const line of lines) {
    const day = dayOf(line.at);
    days.set(day, [...(days.get(day) ?? []), line]);
  }
  const set = (change: Partial<Record<keyof CauseFilter, string>>): void => {
    const next = { ...filter, ...change };
    onFilter(Object.fromEntries(Object.entries(next).filter(([, value]) => value !== '' && value !== undefined)));
  };
  return (
    <div className={classes.screen}>
      <PageHeader title={t('audit.title')} />
      <div className={classes.toolbar}>
        {all && (
          <SegmentedControl
            size="xs"
            aria-label={t('audit.who')}
            value={filter.actor ?? ''}
            onChange={(actor) => set({ actor })}
            data={[
              { value: '', label: t('audit.everybody') },
              { value: 'me', label: t('audit.mine') },
            ]}
          />
        )}
        <NativeSelect
          size="xs"
          aria-label={t('audit.kind')}
          value={filter.kind ?? ''}
          onChange={(event) => set({ kind: event.currentTarget.value })}
          data={[{ value: '', label: t('audit.anyKind') }, ...causeKinds.map((kind) => ({ value: kind, label: label(`cause.${kind}`) }))]}
        />
        <NativeSelect
          size="xs"
          aria-label={t('audit.object')}
          value={filter.object ?? ''}
          onChange={(event) => set({ object: event.currentTarget.value })}
          data={[{ value: '', label: t('audit.anyObject') }, ...meta.objects.map((one) => ({ value: one.key, label: plural(one.key) }))]}
        />
      </div>
      <div className={classes.page}>
        {query.isError && (
          <div className={classes.empty} role="alert">
            <p>{failureText(query.error)}</p>
            <Button variant="default" onClick={() => void query.refetch()}>
              {t('action.retry')}
            </Button>
          </div>
        )}
        {query.isPending && late && <div className={classes.empty} aria-hidden />}
        {query.data && lines.length === 0 && <p className={classes.empty}>{t('audit.empty')}</p>}
        {[...days].map(([day, some]) => (
          <section key={day} className={classes.day}>
            <h2 className={classes.dayTitle}>{formatDay(day)}</h2>
            <ol className={classes.lines}>
              {some.map((line) => (
                <Line key={line.id} line={line} onUndo={() => setUndoing(line)} />
              ))}
            </ol>
          </section>
        ))}
        {query.hasNextPage && (
          <Button variant="default" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('audit.earlier')}
          </Button>
        )}
      </div>
      {undoing && (
        <UndoDialog
          cause={undoing.id}
          title={t('audit.undoTitle')}
          act={t('action.undo')}
          done={t('history.undone')}
          onClose={() => setUndoing(null)}
        />
      )}
    </div>
  );
}

function Line({ line, onUndo }: { line: CauseLine; onUndo: () => void }): ReactNode {
  const { t, label, object: objectWord, plural, inSentence } = useWords();
  const meta = useMeta();
  const id = useId();
  const [open, setOpen] = useState(false);
  const name = line.actor.name ?? label(`actor.${line.actor.kind}`);
  const parts = line.parts.flatMap((part) =>
    deeds
      .filter((deed) => part[deed] > 0)
      .map((deed) =>
        t(`audit.${deed}`, {
          n: line.counted ? formatNumber(part[deed], 0) : t('audit.atLeast', { n: formatNumber(part[deed], 0) }),
          objects: inSentence(part[deed] === 1 && line.counted ? objectWord(part.object) : plural(part.object)),
        }),
      ),
  );
  return (
    <li className={classes.line}>
      <Picture name={name} />
      <div className={classes.what}>
        <button type="button" className={classes.toggle} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
          <IconChevronRight {...iconLook} className={classes.chevron} />
          <span className={classes.sentence}>
            <span className={classes.strong}>{name}</span> <span>{formatList(parts)}</span>
          </span>
        </button>
        {open ? (
          <div id={id}>
            <Changes cause={line.id} />
          </div>
        ) : (
          <div className={classes.about}>
            {line.records.map((record, place) => {
              const object = meta.object(record.object);
              return (
                <Fragment key={record.id}>
                  {place > 0 && ' · '}
                  {object ? (
                    <Link className="pg-link" to="/o/$plural/$id" params={{ plural: object.plural, id: record.id }}>
                      {record.name}
                    </Link>
                  ) : (
                    record.name
                  )}
                </Fragment>
              );
            })}
          </div>
        )}
      </div>
      <div className={classes.meta}>
        <span className="pg-meta">{label(`cause.${line.kind}`)}</span>
        <time className="pg-meta" dateTime={line.at} title={formatDateTime(line.at)}>
          {formatTime(line.at)}
        </time>
      </div>
      <div className={classes.acts}>
        {line.undone ? (
          <span className="pg-meta" title={formatDateTime(line.undone.at)}>
            {t('audit.undone', { name: line.undone.by ?? t('actor.system') })}
          </span>
        ) : (
          <Button size="compact" variant="subtle" color="gray" onClick={onUndo}>
            {t('action.undo')}
          </Button>
        )}
      </div>
    </li>
  );
}

/** What an act wrote, record by record. */
function Changes({ cause }: { cause: string }): ReactNode {
  const { t, label } = useWords();
  const meta = useMeta();
  const query = useInfiniteQuery(changesQuery(cause));
  if (query.isError) return <p className="pg-secondary">{failureText(query.error)}</p>;
  const changes = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <ul className={classes.changes}>
      {changes.map((change) => {
        const object = meta.object(change.object);
        return (
          object && (
            <li key={change.seq}>
              <Link className="pg-link" to="/o/$plural/$id" params={{ plural: object.plural, id: change.id }}>
                {change.name ?? t('record.unnamed')}
              </Link>{' '}
              {change.action !== 'update' && <span className="pg-secondary">{label(`audit.did.${change.action}`)}</span>}
              {change.action !== 'create' && <Fields object={object} fields={change.fields} />}
            </li>
          )
        );
      })}
      {query.hasNextPage && (
        <li>
          <Button
            size="compact"
            variant="subtle"
            color="gray"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t('audit.more')}
          </Button>
        </li>
      )}
    </ul>
  );
}
