import { Modal } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useId, useState } from 'react';
import { get } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import type { SearchHit } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { useNavigationObjects } from './navigation.ts';
import classes from './shell.module.css';

interface Line {
  key: string;
  icon: string | undefined;
  title: string;
  detail: string | null;
  aside: string;
  go: () => void;
}

/** Finds any record by a few letters of it; empty, it leads to the lists. */
export function SearchDialog({ onClose }: { onClose: () => void }): ReactNode {
  const { t, object: objectWord, plural } = useWords();
  const meta = useMeta();
  const objects = useNavigationObjects();
  const navigate = useNavigate();
  const id = useId();
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
        icon: target.icon,
        title: hit.title || t('record.unnamed'),
        detail: hit.subtitle,
        aside: objectWord(hit.object),
        go: () => void navigate({ to: '/o/$plural/$id', params: { plural: target.plural, id: hit.id } }),
      },
    ];
  });
  const wanted = typed.trim().toLowerCase();
  const places: Line[] = objects
    .filter((object) => wanted === '' || plural(object.key).toLowerCase().startsWith(wanted))
    .map((object) => ({
      key: object.key,
      icon: object.icon,
      title: plural(object.key),
      detail: null,
      aside: t('search.list'),
      go: () => void navigate({ to: '/o/$plural', params: { plural: object.plural }, search: {} }),
    }));
  const lines = [...hits, ...places];
  const active = Math.min(at, lines.length - 1);
  const choose = (line: Line): void => {
    onClose();
    line.go();
  };
  const onKey = (event: KeyboardEvent): void => {
    const step: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    const by = step[event.key];
    if (by !== undefined) {
      event.preventDefault();
      const next = Math.max(0, Math.min(lines.length - 1, active + by));
      setAt(next);
      document.getElementById(`${id}-${next}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter' && lines[active]) {
      event.preventDefault();
      choose(lines[active]);
    }
  };
  const nothing = asked !== '' && asked === typed.trim() && query.isSuccess && !query.isPlaceholderData && lines.length === 0;
  return (
    <Modal
      opened
      onClose={onClose}
      withCloseButton={false}
      padding={0}
      size={600}
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
          aria-expanded
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
      <div className={classes.searchLines} id={`${id}-lines`} role="listbox" aria-label={t('search.results')}>
        {lines.map((line, index) => {
          const Icon = iconOf(line.icon);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the input, which keeps the focus
            <div
              key={line.key}
              id={`${id}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === active}
              className={classes.searchLine}
              data-active={index === active || undefined}
              onMouseMove={() => setAt(index)}
              onClick={() => choose(line)}
            >
              <Icon {...iconLook} />
              <span className="pg-ellipsis">
                <span className={classes.searchTitle}>{line.title}</span>
                {line.detail && <span className="pg-secondary"> {line.detail}</span>}
              </span>
              <span className="pg-meta">{line.aside}</span>
            </div>
          );
        })}
        {nothing && <div className={classes.searchNothing}>{t('search.nothing', { typed: asked })}</div>}
        {query.isError && asked !== '' && <div className={classes.searchNothing}>{failureText(query.error)}</div>}
      </div>
    </Modal>
  );
}
