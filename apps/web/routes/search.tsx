import { Button, TextInput } from '@mantine/core';
import { useDebouncedCallback, useDebouncedValue } from '@mantine/hooks';
import { IconLayoutSidebarRight, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { get, post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { viewOf } from '#ui/fields/registry.ts';
import { formatNumber } from '#ui/format.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { PageHeader } from '#ui/page-header.tsx';
import { PeekBeside } from '#ui/record/peek-beside.tsx';
import { usePeekAddress } from '#ui/record/use-peek-address.ts';
import { useOfferWalk } from '#ui/record/walk.ts';
import type { FieldMeta, ObjectMeta, Page, RecordData, SearchHit } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import './bodies.ts';
import classes from './search.module.css';

const route = getRouteApi('/app/search');

/** As many as the server gives at once; with so many there may be more. */
const most = 50;

interface Found {
  object: ObjectMeta;
  hit: SearchHit;
}

/** In the address: which record of which object is peeked at. */
const placeOf = ({ object, hit }: Found): string => `${object.plural}/${hit.id}`;

const searchFor = (q: string, object: string | null) => ({
  queryKey: ['search', q, object, most],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    get<{ items: SearchHit[] }>('/search', { q, limit: most, ...(object ? { objects: object } : {}) }, signal),
});

interface Group {
  object: ObjectMeta;
  hits: SearchHit[];
  /** There may be more than these. */
  cut: boolean;
}

/**
 * What is found, by object, the objects in the order of their best hit. Where one answer does not hold it all, each object
 * is asked for by itself, once the typing rests.
 */
function useFound(q: string): { groups: Group[]; ready: boolean; failure: unknown } {
  const { objects } = useMeta();
  const query = useQuery({ ...searchFor(q, null), enabled: q !== '', placeholderData: keepPreviousData });
  const items = q === '' ? [] : (query.data?.items ?? []);
  const cut = items.length === most;
  const ready = query.isSuccess && !query.isPlaceholderData;
  const [rested] = useDebouncedValue(q, 300);
  const own = useQueries({
    queries: objects.map((object) => ({ ...searchFor(q, object.key), enabled: cut && ready && rested === q, staleTime: 30_000 })),
  });
  const groups = objects.flatMap((object, at): (Group & { first: number })[] => {
    const asked = cut ? own[at]?.data?.items : undefined;
    const hits = asked ?? items.filter((hit) => hit.object === object.key);
    const first = items.findIndex((hit) => hit.object === object.key);
    return hits.length === 0
      ? []
      : [{ object, hits, cut: asked ? asked.length === most : cut, first: first < 0 ? Number.POSITIVE_INFINITY : first }];
  });
  return {
    groups: groups.sort((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0)),
    ready,
    failure: query.error,
  };
}

/** So many of each object while several are shown. */
const fewest = 8;

/** What stands beside the names: the first columns of the object's list, for the hits that are shown. */
function useFacts(object: ObjectMeta, ids: readonly string[]): { fields: FieldMeta[]; rows: ReadonlyMap<string, RecordData> } {
  const keys = object.list.columns.filter((key) => key !== object.title);
  const fields = keys.flatMap((key) => fieldOf(object, key) ?? []).slice(0, 3);
  const query = useQuery({
    queryKey: ['related', object.plural, 'found', ids],
    queryFn: ({ signal }) =>
      post<Page>(
        `/${object.plural}/query`,
        {
          where: { field: 'id', op: 'in', value: ids },
          sort: [],
          fields: [object.title, ...fields.map((field) => field.key)],
          limit: most,
        },
        signal,
      ),
    placeholderData: keepPreviousData,
  });
  return { fields, rows: new Map((query.data?.items ?? []).map((row) => [row.id, row])) };
}

/** Everything found, by object: walked through by keyboard, the record beside it. */
export function SearchRoute(): ReactNode {
  const { t, plural } = useWords();
  const meta = useMeta();
  const navigate = useNavigate();
  const search = route.useSearch();
  const id = useId();
  const q = search.q?.trim() ?? '';
  const [typed, setTyped] = useState(q);
  // Another text from elsewhere, by the palette or going back, is shown as if typed here.
  const sent = useRef(q);
  useEffect(() => {
    if (q === sent.current) return;
    sent.current = q;
    setTyped(q);
    setAt(-1);
  }, [q]);
  const [at, setAt] = useState(-1);
  const { groups, ready, failure } = useFound(q);
  const only = groups.find((group) => group.object.key === search.object);
  const shown = only ? [only] : groups.map((group) => ({ ...group, hits: groups.length > 1 ? group.hits.slice(0, fewest) : group.hits }));
  const lines: Found[] = shown.flatMap(({ object, hits }) => hits.map((hit) => ({ object, hit })));
  const total = groups.reduce((sum, { hits }) => sum + hits.length, 0);
  const someCut = groups.some(({ cut }) => cut);

  const go = (change: { q?: string; object?: string | undefined; peek?: string | undefined }): void =>
    void navigate({ to: '/search', search: { ...search, ...change }, replace: true });
  const ask = useDebouncedCallback((next: string) => {
    setAt(-1);
    sent.current = next.trim();
    go({ q: next, peek: undefined });
  }, 150);
  const peek = usePeekAddress(search.peek, (next, step) => void navigate({ to: '/search', search: { ...search, peek: next }, ...step }));
  const held = lines.findIndex((line) => placeOf(line) === search.peek);
  const active = held >= 0 && at < 0 ? held : Math.min(at, lines.length - 1);
  const [peekedPlural = '', peekedId = ''] = (search.peek ?? '').split('/');
  const peekedObject = meta.plural(peekedPlural);
  const target = peekedObject && peekedId ? { object: peekedObject, id: peekedId } : null;

  const open = ({ object, hit }: Found): void => void navigate({ to: '/o/$plural/$id', params: { plural: object.plural, id: hit.id } });
  const move = (to: number): void => {
    const next = Math.max(0, Math.min(lines.length - 1, to));
    const line = lines[next];
    if (!line) return;
    setAt(next);
    document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    if (search.peek !== undefined) peek.open(placeOf(line));
  };
  const toggle = (index: number): void => {
    const line = lines[index];
    if (!line) return;
    setAt(index);
    if (search.peek === placeOf(line)) peek.close();
    else peek.open(placeOf(line));
  };
  /** The keys of the hits: with letters where nobody types. */
  const onKey = (event: KeyboardEvent, typing: boolean): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1, PageDown: active + 10, PageUp: active - 10 };
    const letters: Record<string, number> = { j: active + 1, k: active - 1, Home: 0, End: lines.length - 1 };
    const to = moves[event.key] ?? (typing ? undefined : letters[event.key]);
    const line = lines[active];
    if (to !== undefined) move(to);
    else if (event.key === 'Enter' && line && event.shiftKey) toggle(active);
    else if (event.key === 'Enter' && line) open(line);
    else if (event.key === ' ' && !typing && line) toggle(active);
    else if (event.key === 'Escape' && target) peek.close();
    else return;
    event.preventDefault();
  };
  useOfferWalk(
    target
      ? {
          at: held < 0 ? null : held + 1,
          of: { value: lines.length, exact: true },
          previous: held > 0 ? () => move(held - 1) : null,
          next: held >= 0 && held < lines.length - 1 ? () => move(held + 1) : null,
          open: () => void navigate({ to: '/o/$plural/$id', params: { plural: target.object.plural, id: target.id } }),
        }
      : null,
  );
  const nothing = q !== '' && ready && lines.length === 0;
  const count = (n: number, more: boolean): string => (more ? `${formatNumber(n)}+` : formatNumber(n));
  let begin = 0;
  return (
    <PeekBeside target={target} onClose={peek.close}>
      <div className={classes.screen}>
        <PageHeader title={t('search.open')} aside={q !== '' && ready ? count(total, someCut) : undefined} />
        <div className={classes.toolbar}>
          <TextInput
            className={classes.input}
            size="compact"
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              ask(event.currentTarget.value);
            }}
            onKeyDown={(event) => onKey(event, true)}
            leftSection={<IconSearch {...iconLook} />}
            placeholder={t('search.begin')}
            aria-label={t('search.open')}
            role="combobox"
            aria-expanded={lines.length > 0}
            aria-haspopup="grid"
            aria-controls={`${id}-hits`}
            aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
            autoFocus={search.peek === undefined}
          />
          {groups.length > 0 && (
            // biome-ignore lint/a11y/useSemanticElements: buttons that choose one of several are no form
            <div className={classes.objects} role="group" aria-label={t('search.results')}>
              <Button
                size="compact"
                variant={only ? 'subtle' : 'light'}
                color="gray"
                aria-pressed={!only}
                onClick={() => go({ object: undefined })}
              >
                {t('search.everything')}
              </Button>
              {groups.map(({ object, hits, cut }) => (
                <Button
                  key={object.key}
                  size="compact"
                  variant={search.object === object.key ? 'light' : 'subtle'}
                  color="gray"
                  aria-pressed={search.object === object.key}
                  onClick={() => {
                    setAt(-1);
                    go({ object: object.key });
                  }}
                >
                  {plural(object.key)}
                  <span className={classes.count}>{count(hits.length, cut)}</span>
                </Button>
              ))}
            </div>
          )}
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: hits under their objects, walked through by keys, are no table */}
        <div
          className={classes.hits}
          id={`${id}-hits`}
          role="grid"
          tabIndex={lines.length > 0 ? 0 : -1}
          aria-label={t('search.results')}
          aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
          onKeyDown={(event) => {
            if (event.target === event.currentTarget) onKey(event, false);
          }}
          onFocus={(event) => {
            if (event.target === event.currentTarget && active < 0 && event.currentTarget.matches(':focus-visible')) setAt(0);
          }}
        >
          {shown.map((group) => {
            const from = begin;
            begin += group.hits.length;
            const whole = groups.find(({ object }) => object === group.object) ?? group;
            return (
              <HitGroup
                key={group.object.key}
                group={group}
                count={count(whole.hits.length, whole.cut)}
                from={from}
                active={active}
                id={id}
                onPeek={toggle}
                onOpen={(hit) => open({ object: group.object, hit })}
                onAll={whole.hits.length > group.hits.length ? () => go({ object: group.object.key }) : null}
              />
            );
          })}
        </div>
        {nothing && <p className={classes.nothing}>{t('search.nothing', { typed: q })}</p>}
        {failure !== null && q !== '' && (
          <p className={classes.nothing} role="alert">
            {failureText(failure)}
          </p>
        )}
        {q === '' && <p className={classes.nothing}>{t('search.begin')}</p>}
      </div>
    </PeekBeside>
  );
}

interface GroupProps {
  group: Group;
  count: string;
  /** Place of the group's first hit among all. */
  from: number;
  active: number;
  id: string;
  onPeek: (index: number) => void;
  onOpen: (hit: SearchHit) => void;
  /** Shows all of the object's hits; null where they are all here. */
  onAll: (() => void) | null;
}

/** The hits of one object under its name. */
function HitGroup({ group: { object, hits }, count, from, active, id, onPeek, onOpen, onAll }: GroupProps): ReactNode {
  const { t, plural, inSentence } = useWords();
  const { fields, rows } = useFacts(
    object,
    hits.map((hit) => hit.id),
  );
  const Icon = iconOf(object.icon);
  return (
    // biome-ignore lint/a11y/useSemanticElements: hits under their objects, walked through by keys, are no table
    <div role="rowgroup" aria-label={plural(object.key)}>
      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
      <div role="row" tabIndex={-1} className={classes.head}>
        {/* biome-ignore lint/a11y/useSemanticElements: as above */}
        <span role="rowheader" tabIndex={-1} className={classes.headCell}>
          <Icon {...iconLook} />
          {plural(object.key)}
          <span className={classes.count}>{count}</span>
        </span>
      </div>
      {hits.map((hit, at) => {
        const place = from + at;
        const row = rows.get(hit.id);
        return (
          // biome-ignore lint/a11y/useSemanticElements: as above
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid, which holds the focus
          <div
            key={hit.id}
            id={`${id}-${place}`}
            role="row"
            tabIndex={-1}
            className={classes.hit}
            data-active={place === active || undefined}
            onClick={(event) => {
              if (event.target instanceof Element && event.target.closest('a,button')) return;
              if (event.altKey) onPeek(place);
              else onOpen(hit);
            }}
          >
            {/* biome-ignore lint/a11y/useSemanticElements: as above */}
            <span role="gridcell" tabIndex={-1} className={classes.cell}>
              <Link className={classes.title} to="/o/$plural/$id" params={{ plural: object.plural, id: hit.id }} tabIndex={-1}>
                {hit.title || t('record.unnamed')}
              </Link>
              <span className={classes.facts}>
                {hit.match === 'near' && <span className="pg-meta">{t('search.near')}</span>}
                {row
                  ? fields.map((field) => {
                      const { Cell, isEmpty } = viewOf(field.type);
                      return (
                        <span key={field.key} className="pg-ellipsis">
                          {!isEmpty(row[field.key], field) && <Cell value={row[field.key]} field={field} object={object.key} />}
                        </span>
                      );
                    })
                  : hit.subtitle && <span className="pg-ellipsis">{hit.subtitle}</span>}
              </span>
              <button
                type="button"
                className={classes.peek}
                tabIndex={-1}
                title={`${t('peek.act')} (${t('key.space')})`}
                aria-label={t('peek.act')}
                onClick={() => onPeek(place)}
              >
                <IconLayoutSidebarRight size={16} stroke={1.5} aria-hidden />
              </button>
            </span>
          </div>
        );
      })}
      {onAll && (
        // biome-ignore lint/a11y/useSemanticElements: as above
        <div role="row" tabIndex={-1}>
          {/* biome-ignore lint/a11y/useSemanticElements: as above */}
          <span role="gridcell" tabIndex={-1} className={classes.more}>
            <Button size="compact" variant="subtle" onClick={onAll}>
              {t('search.more', { n: count, objects: inSentence(plural(object.key)) })}
            </Button>
          </span>
        </div>
      )}
    </div>
  );
}
