import { Button, NativeSelect, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { get } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatDateTime, formatDay, formatTime, isMidnight } from '#ui/format.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { useWords } from '#ui/words.ts';
import { channelIcon } from './channel-icon.ts';
import type { TimelineItem, TimelinePage } from './overview.ts';
import classes from './party.module.css';
import { type Fold, foldTimeline } from './timeline.ts';

function useItemWords(): (item: TimelineItem) => { what: string; who: string | null } {
  const { object: objectWord, option } = useWords();
  const meta = useMeta();
  return (item) => {
    const object = meta.object(item.object);
    const kindField = object?.fields.find((field) => field.key === 'kind' && field.type === 'select');
    const what = item.kind && kindField && object ? option(object.key, kindField.key, item.kind) : objectWord(item.object);
    const who = typeof item.actor === 'string' ? item.actor : (item.actor?.name ?? null);
    return { what, who };
  };
}

function Item({ item, folded = false }: { item: TimelineItem; folded?: boolean }): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const object = meta.object(item.object);
  const { what, who } = useItemWords()(item);
  const Icon = channelIcon(item.channel) ?? iconOf(object?.icon);
  // A plain date travels as the midnight it begins with; its hour means nothing.
  const plain = isMidnight(item.at);
  const title = item.title || t('record.unnamed');
  return (
    <li className={classes.item} data-folded={folded || undefined}>
      <span className={classes.rail} title={what}>
        <Icon {...iconLook} />
      </span>
      <div className={classes.itemBody}>
        <div className={classes.itemLine}>
          {object ? (
            <Link className={classes.itemTitle} to="/o/$plural/$id" params={{ plural: object.plural, id: item.id }}>
              {title}
            </Link>
          ) : (
            <span className={classes.itemTitle}>{title}</span>
          )}
          <span className={classes.itemMeta}>{[what, who].filter(Boolean).join(' · ')}</span>
          {!plain && (
            <time className={classes.itemTime} dateTime={item.at} title={formatDateTime(item.at)}>
              {formatTime(item.at)}
            </time>
          )}
        </div>
        {item.detail && <div className={classes.itemDetail}>{item.detail}</div>}
      </div>
    </li>
  );
}

function FoldLine({ fold }: { fold: Fold }): ReactNode {
  const { t, has, plural, object: objectWord, option, inSentence } = useWords();
  const meta = useMeta();
  const [open, setOpen] = useState(false);
  const first = fold.items[0];
  if (!first) return null;
  if (fold.items.length === 1) return <Item item={first} />;
  const object = meta.object(first.object);
  const kindField = first.kind && object ? fieldOf(object, 'kind') : undefined;
  const count = fold.items.length;
  const repeats = `timeline.repeats.${first.object}.${first.kind}`;
  const what =
    kindField && first.kind && object && option(object.key, 'kind', first.kind) !== objectWord(first.object)
      ? has(`${repeats}_other`)
        ? t(repeats, { count })
        : t('timeline.times', { count, what: option(object.key, 'kind', first.kind) })
      : t('timeline.fold', { count, what: inSentence(plural(first.object)) });
  const Icon = channelIcon(first.channel) ?? iconOf(object?.icon);
  const Chevron = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <li className={classes.item}>
        <span className={classes.rail}>
          <Icon {...iconLook} />
        </span>
        <UnstyledButton className={classes.foldLine} onClick={() => setOpen(!open)} aria-expanded={open}>
          <span className={classes.itemTitle}>{what}</span>
          <Chevron size={14} stroke={1.5} aria-hidden />
        </UnstyledButton>
      </li>
      {open && fold.items.map((item) => <Item key={`${item.object}${item.id}${item.at}`} item={item} folded />)}
    </>
  );
}

/** One timeline of everything that touched the party, newest first, by day. */
export function TimelineView({ party, first }: { party: string; first: TimelinePage }): ReactNode {
  const { t, option, plural, label } = useWords();
  const meta = useMeta();
  const [object, setObject] = useState<string | null>(null);
  const [channel, setChannel] = useState<string | null>(null);
  const filtered = object !== null || channel !== null;
  const query = useInfiniteQuery({
    queryKey: ['timeline', party, object, channel],
    queryFn: ({ pageParam, signal }) => get<TimelinePage>(`/parties/${party}/timeline`, { object, channel, cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next,
    // The overview brought the first page along just now: it is not asked for twice.
    initialData: filtered ? undefined : { pages: [first], pageParams: [null] },
    staleTime: 1000,
  });
  const pages = query.data?.pages;
  const days = useMemo(() => foldTimeline(pages?.flatMap((page) => page.items) ?? []), [pages]);
  const interaction = meta.object('interaction');
  const channelField = interaction ? fieldOf(interaction, 'channel') : undefined;
  const objects = meta.objects.filter(
    (candidate) => candidate.party !== null || candidate.key === 'interaction' || candidate.key === 'note',
  );
  return (
    <div className={classes.timeline}>
      <div className={classes.timelineHead}>
        <h2 className={classes.columnTitle}>{t('timeline.title')}</h2>
        <div className={classes.timelineFilters}>
          <NativeSelect
            size="compact"
            w={152}
            aria-label={t('timeline.what')}
            data={[{ value: '', label: t('timeline.everything') }, ...objects.map((one) => ({ value: one.key, label: plural(one.key) }))]}
            value={object ?? ''}
            onChange={(event) => setObject(event.currentTarget.value || null)}
          />
          {channelField && (
            <NativeSelect
              size="compact"
              w={152}
              aria-label={t('timeline.channel')}
              data={[
                { value: '', label: t('timeline.everyChannel') },
                ...(channelField.options ?? []).map(({ key }) => ({
                  value: key,
                  label: interaction ? option(interaction.key, 'channel', key) : label(key),
                })),
              ]}
              value={channel ?? ''}
              onChange={(event) => setChannel(event.currentTarget.value || null)}
            />
          )}
        </div>
      </div>
      {query.isError && (
        <p role="alert" className="pg-secondary">
          {failureText(query.error)}
        </p>
      )}
      {days.map(({ day, folds }) => (
        <section key={day}>
          <h3 className={classes.day}>{formatDay(day)}</h3>
          <ol className={classes.items}>
            {folds.map((fold) => (
              <FoldLine key={`${fold.items[0]?.object}${fold.items[0]?.id}${fold.items[0]?.at}`} fold={fold} />
            ))}
          </ol>
        </section>
      ))}
      {query.isSuccess && days.length === 0 && (
        <div className={classes.nothing}>
          <p>{t(filtered ? 'timeline.noHits' : 'timeline.empty')}</p>
          {filtered && (
            <Button
              size="compact"
              variant="default"
              onClick={() => {
                setObject(null);
                setChannel(null);
              }}
            >
              {t('filter.clear')}
            </Button>
          )}
        </div>
      )}
      {query.hasNextPage && (
        <Button size="compact" variant="subtle" color="gray" onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
          {t('timeline.earlier')}
        </Button>
      )}
    </div>
  );
}
