import { Modal, useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import {
  IconArrowMerge,
  IconArrowsDiff,
  IconChartBar,
  IconChartLine,
  IconFileImport,
  IconHistory,
  IconKeyboard,
  IconLayoutDashboard,
  IconListSearch,
  IconMoon,
  IconPencilPlus,
  IconPhoneCall,
  IconPlus,
  IconSearch,
  IconSettings,
  IconSun,
  IconSunHigh,
  IconTrash,
  type TablerIcon,
} from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { captureKeys, captureObjects, type Kind, kinds } from '#modules/party/ui/capture.ts';
import { get } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import { readListSearch } from '#ui/list/list-search.ts';
import { noView, useViews } from '#ui/list/views.ts';
import { useMeta } from '#ui/meta.ts';
import { type Command, isCalled, matching, useOffered } from '#ui/palette/commands.ts';
import { KeyFacts } from '#ui/record/key-facts.tsx';
import { settingsPages } from '#ui/settings/pages.ts';
import type { ObjectMeta, SearchHit } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { modKey } from './keys.ts';
import { useNavigationObjects } from './navigation.ts';
import classes from './shell.module.css';

interface Props {
  onClose: () => void;
  /** Opens the form for a new record of an object, over whatever is on screen. */
  onCreate: (object: string) => void;
  /** Writes down a note, call, task, promise or fact. */
  onCapture?: (kind: Kind) => void;
  onHelp: () => void;
}

interface Line {
  key: string;
  icon: TablerIcon;
  title: string;
  detail?: string | null;
  aside?: string;
  shortcut?: string;
  danger?: boolean;
  go: () => void;
  /** The record that the line stands for. */
  hit?: { object: ObjectMeta; id: string };
  /** It is not called what was typed, only nearly so. */
  near?: boolean;
}

/** Records shown before places and acts that are called so, too. */
const FIRST_HITS = 7;

/** What is no setting but a place has its own sign. */
const SETTINGS_ICONS: Readonly<Record<string, TablerIcon>> = { '/history': IconHistory, '/trash': IconTrash };

interface Section {
  key: string;
  lines: Line[];
}

const lineOf = (command: Command): Line => ({
  key: command.key,
  icon: command.icon,
  title: command.word,
  detail: command.about,
  shortcut: command.shortcut,
  danger: command.danger,
  go: command.run,
});

/** Everything by its name: acts on what is on screen, records found by a few letters, new records, places, settings. */
export function Palette({ onClose, onCreate, onCapture, onHelp }: Props): ReactNode {
  const words = useWords();
  const { t, object: objectWord, plural, inSentence } = words;
  const meta = useMeta();
  const objects = useNavigationObjects();
  const views = useViews() ?? [];
  const offered = useOffered();
  const { setColorScheme } = useMantineColorScheme();
  const navigate = useNavigate();
  const id = useId();
  const router = useRouter();
  const wide = useMediaQuery('(width >= 1024px)', true, { getInitialValueInEffect: false });
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const [typed, setTyped] = useState('');
  const [asked] = useDebouncedValue(typed.trim(), 80);
  const [at, setAt] = useState(0);
  const query = useQuery({
    queryKey: ['search', asked],
    queryFn: ({ signal }) => get<{ items: SearchHit[] }>('/search', { q: asked, limit: 20 }, signal),
    enabled: asked !== '',
    placeholderData: keepPreviousData,
  });
  const hits: Line[] = (asked === '' ? [] : (query.data?.items ?? [])).flatMap((hit) => {
    const target = meta.object(hit.object);
    if (!target) return [];
    return [
      {
        key: `${hit.object} ${hit.id}`,
        icon: iconOf(target.icon),
        title: hit.title || t('record.unnamed'),
        detail: hit.match === 'near' ? [t('search.near'), hit.subtitle].filter(Boolean).join(' · ') : hit.subtitle,
        aside: objectWord(hit.object),
        go: () => void navigate({ to: '/o/$plural/$id', params: { plural: target.plural, id: hit.id } }),
        hit: { object: target, id: hit.id },
        near: hit.match === 'near',
      },
    ];
  });
  const captures: Command[] = onCapture
    ? kinds
        .filter((kind) => {
          const asks = captureObjects[kind];
          return !asks || meta.object(asks.object)?.verbs[asks.verb] === true;
        })
        .map((kind) => ({
          key: `capture ${kind}`,
          word: t(`help.everywhere.${kind}`),
          icon: IconPencilPlus,
          shortcut: captureKeys[kind].toUpperCase(),
          run: () => onCapture(kind),
        }))
    : [];
  const create: Command[] = objects
    .filter((object) => object.verbs.create)
    .map((object) => ({
      key: `new ${object.key}`,
      word: t('form.newTitle', { object: inSentence(objectWord(object.key)) }),
      icon: IconPlus,
      run: () => onCreate(object.key),
    }));
  const places: Command[] = [
    { key: 'my-day', word: t('myDay.title'), icon: IconSunHigh, shortcut: 'Y', run: () => void navigate({ to: '/my-day' }) },
    ...(meta.object('dashboard')
      ? [{ key: 'dashboards', word: t('dashboard.all'), icon: IconLayoutDashboard, run: () => void navigate({ to: '/dashboards' }) }]
      : []),
    ...(meta.object('report')
      ? [
          { key: 'reports', word: t('report.all'), icon: IconChartBar, run: () => void navigate({ to: '/reports' }) },
          {
            key: 'new report',
            word: t('report.new'),
            icon: IconPlus,
            run: () => void navigate({ to: '/reports/$id', params: { id: 'new' } }),
          },
        ]
      : []),
    ...objects.flatMap((object): Command[] => [
      {
        key: `list ${object.key}`,
        word: plural(object.key),
        icon: iconOf(object.icon),
        run: () => void navigate({ to: '/o/$plural', params: { plural: object.plural }, search: {} }),
      },
      ...views
        .filter((view) => view.object === object.key && view.id !== noView)
        .map((view) => ({
          key: `view ${view.id}`,
          word: view.name,
          about: plural(object.key),
          icon: iconOf(object.icon),
          run: () => void navigate({ to: '/o/$plural', params: { plural: object.plural }, search: { view: view.id } }),
        })),
    ]),
    ...objects
      .filter((object) => object.duplicates)
      .map((object) => ({
        key: `duplicates ${object.key}`,
        word: t('duplicate.all'),
        about: plural(object.key),
        icon: IconArrowMerge,
        run: () => void navigate({ to: '/duplicates', search: { object: object.key } }),
      })),
    ...(objects.some((object) => object.key === 'opportunity')
      ? [
          { key: 'since', word: t('since.open'), icon: IconArrowsDiff, run: () => void navigate({ to: '/since', search: {} }) },
          { key: 'forecast', word: t('forecast.open'), icon: IconChartLine, run: () => void navigate({ to: '/forecast', search: {} }) },
        ]
      : []),
    ...(meta.object('callList')
      ? [{ key: 'calls', word: t('calls.title'), icon: IconPhoneCall, run: () => void navigate({ to: '/calls' }) }]
      : []),
    ...(meta.may('import')
      ? [{ key: 'import', word: t('import.title'), icon: IconFileImport, run: () => void navigate({ to: '/import', search: {} }) }]
      : []),
    { key: 'settings', word: t('settings.title'), icon: IconSettings, run: () => void navigate({ to: '/settings' }) },
    ...Object.entries(settingsPages(meta, words)).flatMap(([section, pages]) =>
      // Before anything is typed the settings would push the places out of sight.
      (typed.trim() === '' && section !== 'done' ? [] : pages).map(
        ({ key, to, word }): Command => ({
          key: `settings ${key}`,
          word,
          ...(section === 'done' ? {} : { about: t('settings.title') }),
          icon: SETTINGS_ICONS[to] ?? IconSettings,
          run: () => void navigate({ to }),
        }),
      ),
    ),
    { key: 'help', word: t('help.title'), icon: IconKeyboard, shortcut: '?', run: onHelp },
    { key: 'light', word: t('account.light'), icon: IconSun, run: () => setColorScheme('light') },
    { key: 'dark', word: t('account.dark'), icon: IconMoon, run: () => setColorScheme('dark') },
  ];
  const some = (commands: readonly Command[]): Line[] => matching(commands, typed).map(lineOf);
  const all: Line = {
    key: 'all',
    icon: IconListSearch,
    title: t('search.all', { typed: asked }),
    shortcut: `${modKey} ↵`,
    go: () => void navigate({ to: '/search', search: { q: asked } }),
  };
  // A place that is called so comes before records that are called nearly so.
  const first = (isCalled([...places, ...create], typed) ? hits.filter((hit) => !hit.near) : hits).slice(0, FIRST_HITS);
  const others = hits.filter((hit) => !first.includes(hit));
  const sections: Section[] = [
    { key: 'here', lines: some([...offered, ...captures]) },
    { key: 'records', lines: first.length > 0 ? [...first, all] : [] },
    { key: 'go', lines: some(places) },
    // Before anything is typed the ways to begin something would only push the places out of sight.
    { key: 'create', lines: some(create) },
    first.length > 0 ? { key: 'moreRecords', lines: others } : { key: 'records', lines: others.length > 0 ? [...others, all] : [] },
  ].filter((section) => section.lines.length > 0);
  const lines = sections.flatMap((section) => section.lines);
  const active = Math.min(at, lines.length - 1);
  const choose = (line: Line): void => {
    onClose();
    line.go();
  };
  // What the pane shows comes to rest first: not every line that is passed is asked for.
  const chosen = lines[active]?.hit;
  const [shown] = useDebouncedValue(chosen, 120);
  const withPane = wide && !phone && hits.length > 0;
  /** Shows the record beside its list: the one on screen as it is, else as it opens. */
  const peekAt = ({ object, id: record }: { object: ObjectMeta; id: string }): void => {
    onClose();
    const { pathname, search, state } = router.state.location;
    const here = pathname === `/o/${object.plural}`;
    const held = here && 'peek' in search && search.peek !== undefined;
    void navigate({
      to: '/o/$plural',
      params: { plural: object.plural },
      search: here ? { ...readListSearch(search), peek: record } : { peek: record },
      replace: held,
      state: here && (!held || state.peeked) ? { peeked: true } : {},
    });
  };
  const onKey = (event: KeyboardEvent): void => {
    const step: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const by = step[event.key];
    if (by !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(lines.length - 1, active + by));
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && hits.length > 0) {
      event.preventDefault();
      choose(all);
    } else if (event.key === 'Enter' && event.shiftKey && chosen) {
      event.preventDefault();
      peekAt(chosen);
    } else if (event.key === 'Enter' && lines[active]) {
      event.preventDefault();
      choose(lines[active]);
    }
  };
  const nothing = asked !== '' && asked === typed.trim() && query.isSuccess && !query.isPlaceholderData && lines.length === 0;
  let index = -1;
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={wide ? 880 : 600}
      yOffset="12vh"
      fullScreen={phone}
      title={t('search.open')}
      styles={{ header: { display: 'none' } }}
    >
      <div className={classes.searchBox}>
        <IconSearch {...iconLook} />
        <input
          className={classes.searchInput}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKey}
          placeholder={t('search.placeholder')}
          aria-label={t('search.open')}
          role="combobox"
          aria-expanded={lines.length > 0}
          aria-controls={`${id}-lines`}
          aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
          data-autofocus
        />
        {phone && (
          <button type="button" className={classes.searchClose} onClick={onClose}>
            {t('action.cancel')}
          </button>
        )}
      </div>
      <div className={classes.searchPanes}>
        {lines.length > 0 && (
          <div className={classes.searchLines} id={`${id}-lines`} role="listbox" aria-label={t('search.results')}>
            {sections.map((section) => (
              // biome-ignore lint/a11y/useSemanticElements: a group of options has no element of its own
              <div key={section.key} role="group" aria-label={t(`search.${section.key}`)}>
                <div className={classes.searchHead} aria-hidden>
                  {t(`search.${section.key}`)}
                </div>
                {section.lines.map((line) => {
                  index += 1;
                  const place = index;
                  const Icon = line.icon;
                  return (
                    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the input, which keeps the focus
                    <div
                      key={line.key}
                      id={`${id}-${place}`}
                      role="option"
                      tabIndex={-1}
                      aria-selected={place === active}
                      className={classes.searchLine}
                      data-active={place === active || undefined}
                      data-danger={line.danger || undefined}
                      onMouseMove={() => setAt(place)}
                      onClick={(event) => (event.altKey && line.hit ? peekAt(line.hit) : choose(line))}
                    >
                      <Icon {...iconLook} />
                      <span className="pg-ellipsis">
                        <span className={classes.searchTitle}>{line.title}</span>
                        {line.detail && <span className="pg-secondary"> {line.detail}</span>}
                      </span>
                      {line.shortcut ? <kbd className={classes.key}>{line.shortcut}</kbd> : <span className="pg-meta">{line.aside}</span>}
                    </div>
                  );
                })}
              </div>
            ))}
          </div>
        )}
        {withPane && (
          <section className={classes.searchPane} aria-label={t('search.pane')}>
            <div className={classes.searchFacts}>{shown && chosen && <KeyFacts object={shown.object} id={shown.id} />}</div>
            {chosen && (
              <p className={classes.searchKeys}>
                <kbd className={classes.key}>↵</kbd> {t('action.open')}
                <kbd className={classes.key}>⇧ ↵</kbd> {t('search.peek')}
              </p>
            )}
          </section>
        )}
      </div>
      <div role="status">
        {nothing && <div className={classes.searchNothing}>{t('search.nothing', { typed: asked })}</div>}
        {query.isError && asked !== '' && <div className={classes.searchNothing}>{failureText(query.error)}</div>}
      </div>
    </Modal>
  );
}
