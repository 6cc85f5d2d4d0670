import { Button, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconLayoutSidebarRight, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { get } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatNumber } from '#ui/format.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import { PageHeader } from '#ui/page-header.tsx';
import { PeekBeside } from '#ui/record/peek-beside.tsx';
import { usePeekAddress } from '#ui/record/use-peek-address.ts';
import { useOfferWalk } from '#ui/record/walk.ts';
import type { ObjectMeta, SearchHit } from '#ui/wire.ts';
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

function useHits(
  q: string,
  object: string | undefined,
  wanted: boolean,
): { found: Found[]; cut: boolean; ready: boolean; failure: unknown } {
  const meta = useMeta();
  const query = useQuery({
    queryKey: ['search', q, object ?? null, most],
    queryFn: ({ signal }) => get<{ items: SearchHit[] }>('/search', { q, limit: most, ...(object ? { objects: object } : {}) }, signal),
    enabled: wanted && q !== '',
    placeholderData: keepPreviousData,
  });
  const items = q === '' ? [] : (query.data?.items ?? []);
  const found = items.flatMap((hit) => {
    const target = meta.object(hit.object);
    return target ? [{ object: target, hit }] : [];
  });
  return { found, cut: items.length === most, ready: query.isSuccess && !query.isPlaceholderData, failure: query.error };
}

/** Hits by object, the objects in the order of their best hit. */
function byObject(found: readonly Found[]): { object: ObjectMeta; found: Found[] }[] {
  const groups = new Map<string, { object: ObjectMeta; found: Found[] }>();
  for (const one of found) {
    const group = groups.get(one.object.key) ?? { object: one.object, found: [] };
    group.found.push(one);
    groups.set(one.object.key, group);
  }
  return [...groups.values()];
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
  const everything = useHits(q, undefined, true);
  const chosen = useHits(q, search.object, search.object !== undefined);
  const { found, cut, ready, failure } = search.object === undefined ? everything : chosen;
  const groups = byObject(found);
  const lines = groups.flatMap((group) => group.found);
  const objects = byObject(everything.found);

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
  let index = -1;
  return (
    <PeekBeside target={target} onClose={peek.close}>
      <div className={classes.screen}>
        <PageHeader title={t('search.open')} aside={q !== '' && ready ? count(lines.length, cut) : undefined} />
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
          {objects.length > 0 && (
            // biome-ignore lint/a11y/useSemanticElements: buttons that choose one of several are no form
            <div className={classes.objects} role="group" aria-label={t('search.results')}>
              <Button
                size="compact"
                variant={search.object === undefined ? 'light' : 'subtle'}
                color="gray"
                aria-pressed={search.object === undefined}
                onClick={() => go({ object: undefined })}
              >
                {t('search.everything')}
              </Button>
              {objects.map(({ object, found: some }) => (
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
                  <span className={classes.count}>
                    {object.key === search.object && chosen.ready
                      ? count(chosen.found.length, chosen.cut)
                      : count(some.length, everything.cut)}
                  </span>
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
          {groups.map((group) => {
            const Icon = iconOf(group.object.icon);
            return (
              // biome-ignore lint/a11y/useSemanticElements: as above
              <div key={group.object.key} role="rowgroup" aria-label={plural(group.object.key)}>
                {/* biome-ignore lint/a11y/useSemanticElements: as above */}
                <div role="row" tabIndex={-1} className={classes.head}>
                  {/* biome-ignore lint/a11y/useSemanticElements: as above */}
                  <span role="rowheader" tabIndex={-1} className={classes.headCell}>
                    <Icon {...iconLook} />
                    {plural(group.object.key)}
                    <span className={classes.count}>{count(group.found.length, cut)}</span>
                  </span>
                </div>
                {group.found.map((one) => {
                  index += 1;
                  const place = index;
                  return (
                    // biome-ignore lint/a11y/useSemanticElements: as above
                    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the grid, which holds the focus
                    <div
                      key={one.hit.id}
                      id={`${id}-${place}`}
                      role="row"
                      tabIndex={-1}
                      className={classes.hit}
                      data-active={place === active || undefined}
                      onClick={(event) => {
                        if (event.target instanceof Element && event.target.closest('a,button')) return;
                        if (event.altKey) toggle(place);
                        else open(one);
                      }}
                    >
                      {/* biome-ignore lint/a11y/useSemanticElements: as above */}
                      <span role="gridcell" tabIndex={-1} className={classes.cell}>
                        <Link
                          className={classes.title}
                          to="/o/$plural/$id"
                          params={{ plural: one.object.plural, id: one.hit.id }}
                          tabIndex={-1}
                        >
                          {one.hit.title || t('record.unnamed')}
                        </Link>
                        <span className="pg-secondary pg-ellipsis">{one.hit.subtitle}</span>
                        <button
                          type="button"
                          className={classes.peek}
                          tabIndex={-1}
                          title={`${t('peek.act')} (${t('key.space')})`}
                          aria-label={t('peek.act')}
                          onClick={() => toggle(place)}
                        >
                          <IconLayoutSidebarRight size={16} stroke={1.5} aria-hidden />
                        </button>
                      </span>
                    </div>
                  );
                })}
              </div>
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
