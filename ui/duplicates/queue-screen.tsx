import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { failureText } from '../failure.ts';
import { formatPercent } from '../format.ts';
import { TextLink } from '../links.tsx';
import { titleText } from '../list/record-title.tsx';
import { useMeta } from '../meta.ts';
import { PageHeader } from '../page-header.tsx';
import { useDelayed } from '../use-delayed.ts';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './duplicates.module.css';
import { decide, lookThroughAll, type Pair, type PairState, pairsQuery, reasonText } from './duplicates.ts';

interface Props {
  object: ObjectMeta;
  state: PairState;
  onState: (state: PairState) => void;
}

/** Pairs that are likely the same one, the most certain first: walked through and decided by keyboard. */
export function QueueScreen({ object, state, onState }: Props): ReactNode {
  const { t, plural, inSentence } = useWords();
  const navigate = useNavigate();
  const meta = useMeta();
  const id = useId();
  const grid = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState(0);
  const query = useInfiniteQuery(pairsQuery(object, state));
  const pairs = query.data?.pages.flatMap((page) => page.items) ?? [];
  const late = useDelayed(query.isPending);
  const active = Math.min(at, pairs.length - 1);
  const any = pairs.length > 0;
  // Who comes here comes to decide: the keys work at once.
  useEffect(() => {
    if (any) grid.current?.focus();
  }, [any]);
  const names = (pair: Pair): { one: string; other: string } => {
    const [one = '', other = ''] = pair.records.map((record) => titleText(object, record) || t('record.unnamed'));
    return { one, other };
  };
  const turn = (pair: Pair): void => {
    // The button goes with its row; the keys go on in the queue.
    grid.current?.focus();
    void decide(pair, state === 'open' ? 'dismissed' : 'open', names(pair));
  };
  const open = (pair: Pair): void => {
    const [one, other] = pair.records;
    if (one && other)
      void navigate({ to: '/o/$plural/$id/merge', params: { plural: object.plural, id: one.id }, search: { with: other.id } });
  };
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(pairs.length - 1, to));
    setAt(next);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    if (next === pairs.length - 1 && query.hasNextPage && !query.isFetching) void query.fetchNextPage();
  };
  const onKey = (event: KeyboardEvent): void => {
    const pair = pairs[active];
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey || !pair) return;
    const moves: Record<string, number> = {
      ArrowDown: active + 1,
      j: active + 1,
      ArrowUp: active - 1,
      k: active - 1,
      PageDown: active + 10,
      PageUp: active - 10,
      Home: 0,
      End: pairs.length - 1,
    };
    const to = moves[event.key];
    if (to !== undefined) move(to);
    else if (event.key === 'Enter') open(pair);
    else if (event.key === 'n') turn(pair);
    else return;
    event.preventDefault();
    // N writes a note elsewhere.
    event.stopPropagation();
  };
  const objects = inSentence(plural(object.key));
  const scan = object.comparesAll && (
    <Button size="compact" variant="default" onClick={() => void lookThroughAll(object)}>
      {t('duplicate.scan', { objects })}
    </Button>
  );
  return (
    <div className={classes.screen}>
      <PageHeader title={t('duplicate.all')} aside={plural(object.key)} />
      <div className={classes.toolbar}>
        <SegmentedControl
          size="xs"
          aria-label={t('duplicate.state')}
          value={state}
          onChange={(value) => {
            setAt(0);
            onState(value === 'dismissed' ? 'dismissed' : 'open');
          }}
          data={[
            { value: 'open', label: t('duplicate.openOnes') },
            { value: 'dismissed', label: t('duplicate.dismissedOnes') },
          ]}
        />
        {any && scan}
        {meta.may('administer') && (
          <TextLink className="pg-link" to="/settings/duplicates" search={{ object: object.key }}>
            {t('identity.title')}
          </TextLink>
        )}
      </div>
      {query.isError && !query.data && (
        <div className={classes.empty} role="alert">
          <p>{failureText(query.error)}</p>
          <Button variant="default" onClick={() => void query.refetch()}>
            {t('action.retry')}
          </Button>
        </div>
      )}
      {query.isPending && late && <div className={classes.empty} aria-hidden />}
      {query.data && !any && (
        <div className={classes.empty}>
          <p>{t(state === 'open' ? 'duplicate.empty' : 'duplicate.emptyDismissed', { objects })}</p>
          {state === 'open' && scan}
        </div>
      )}
      {any && (
        // biome-ignore lint/a11y/useSemanticElements: rows walked through by keys while the focus stays, are no table
        <div
          ref={grid}
          className={classes.pairs}
          role="grid"
          tabIndex={0}
          aria-label={t('duplicate.all')}
          aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
          onKeyDown={onKey}
        >
          {pairs.map((pair, place) => (
            // biome-ignore lint/a11y/useSemanticElements: as above
            <div
              key={pair.id}
              id={`${id}-${place}`}
              role="row"
              tabIndex={-1}
              className={classes.pair}
              data-active={place === active || undefined}
              aria-selected={place === active}
            >
              {/* biome-ignore lint/a11y/useSemanticElements: as above */}
              <span role="gridcell" tabIndex={-1} className={classes.names}>
                {pair.records.map((record) => (
                  <Link
                    key={record.id}
                    className={classes.name}
                    to="/o/$plural/$id"
                    params={{ plural: object.plural, id: record.id }}
                    tabIndex={-1}
                  >
                    {titleText(object, record) || t('record.unnamed')}
                  </Link>
                ))}
              </span>
              {/* biome-ignore lint/a11y/useSemanticElements: as above */}
              <span role="gridcell" tabIndex={-1} className={classes.likelihood}>
                {/* Never 100 %: nobody knows that well. */}
                {formatPercent(Math.min(0.99, Math.floor(pair.likelihood * 100) / 100))}
              </span>
              {/* biome-ignore lint/a11y/useSemanticElements: as above */}
              <span role="gridcell" tabIndex={-1} className={classes.why}>
                {reasonText(object, pair.reasons)}
              </span>
              {/* biome-ignore lint/a11y/useSemanticElements: as above */}
              <span role="gridcell" tabIndex={-1} className={classes.pairActs}>
                <Button size="compact" variant="subtle" color="gray" onClick={() => turn(pair)}>
                  {t(state === 'open' ? 'duplicate.dismiss' : 'duplicate.putBack')}
                </Button>
                <Button size="compact" variant="default" onClick={() => open(pair)}>
                  {t('merge.begin')}
                </Button>
              </span>
            </div>
          ))}
        </div>
      )}
      {query.hasNextPage && (
        <div className={classes.toolbar}>
          <Button variant="default" size="compact" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('duplicate.more')}
          </Button>
        </div>
      )}
    </div>
  );
}
