import { ActionIcon, Button } from '@mantine/core';
import { IconCalendarDown, IconCheck, IconClock, IconPhone } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type KeyboardEvent, type ReactNode, useState } from 'react';
import { address } from '#ui/api.ts';
import { capture } from '#ui/capture.ts';
import { formatDateTime, formatRelative, formatTime } from '#ui/format.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import { Tip } from '#ui/tip.tsx';
import { useWords } from '#ui/words.ts';
import classes from './my-day.module.css';
import type { Line } from './my-day.ts';
import { Snooze } from './snooze.tsx';

interface Props {
  line: Line;
  onFocus: () => void;
  onDone: () => void;
  onSnooze: (until: string) => void;
}

/** What closes a line, by its kind; the others are closed by being opened. */
export const closes = (line: Line): 'done' | 'held' | 'read' | null =>
  line.object === 'task'
    ? 'done'
    : line.object === 'meeting' && line.record?.status === 'planned'
      ? 'held'
      : line.section === 'mentioned'
        ? 'read'
        : null;

/** One line of the day: what it is, about whom, when; D closes it, S puts it off, Enter opens it. */
export function MyDayLine({ line, onFocus, onDone, onSnooze }: Props): ReactNode {
  const { t, option, object: objectWord } = useWords();
  const object = useMeta().object(line.object);
  const [snoozing, setSnoozing] = useState(false);
  const Icon = iconOf(object?.icon);
  const title = line.title || t('record.unnamed');
  const act = closes(line);
  const maySnooze = line.object === 'task';
  const kind =
    line.object === 'task' && typeof line.record?.kind === 'string' && line.record.kind !== 'task'
      ? option('task', 'kind', line.record.kind)
      : line.section === 'mentioned'
        ? objectWord(line.object)
        : null;
  const onKey = (event: KeyboardEvent<HTMLElement>): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'd' && act) {
      event.preventDefault();
      onDone();
    } else if (event.key === 's' && maySnooze) {
      event.preventDefault();
      setSnoozing(true);
    }
  };
  const about = [kind, line.section === 'customers' ? line.record?.city : line.party?.name].filter(Boolean).join(' · ');
  return (
    <li className={classes.line} data-late={line.late || undefined}>
      <Icon {...iconLook} />
      {/* What stands in a calendar of others cannot be opened here. */}
      {!object && <span className={classes.title}>{title}</span>}
      {object && (
        <Link
          className={classes.title}
          to="/o/$plural/$id"
          params={{ plural: object.plural, id: line.id }}
          data-line={line.key}
          onFocus={onFocus}
          onKeyDown={onKey}
        >
          <span className="pg-ellipsis">{title}</span>
        </Link>
      )}
      <span className={`${classes.about} pg-ellipsis`}>{about}</span>
      <span className={classes.when} title={line.at && line.timed ? formatDateTime(line.at) : undefined}>
        <When line={line} />
      </span>
      <span className={classes.acts}>
        {line.section === 'customers' && (
          <Button
            size="compact"
            variant="default"
            leftSection={<IconPhone {...iconLook} />}
            onClick={() => {
              onFocus();
              capture('call');
            }}
            aria-label={t('myDay.callOf', { name: title })}
          >
            {t('myDay.call')}
          </Button>
        )}
        {line.section === 'deals' && (
          <Button
            size="compact"
            variant="default"
            onClick={() => {
              onFocus();
              capture('next');
            }}
            aria-label={t('myDay.nextOf', { name: title })}
          >
            {t('myDay.next')}
          </Button>
        )}
        {line.object === 'meeting' && (
          <Tip label={t('myDay.file')}>
            <ActionIcon
              component="a"
              href={address(`/meetings/${line.id}/calendar`)}
              download
              aria-label={t('myDay.fileOf', { name: title })}
            >
              <IconCalendarDown {...iconLook} />
            </ActionIcon>
          </Tip>
        )}
        {maySnooze && (
          <Snooze opened={snoozing} onChange={setSnoozing} onChoose={onSnooze} label={t('myDay.snoozeOf', { name: title })}>
            <ActionIcon aria-label={t('myDay.snoozeOf', { name: title })} onClick={() => setSnoozing(!snoozing)}>
              <IconClock {...iconLook} />
            </ActionIcon>
          </Snooze>
        )}
        {act && (
          <Tip label={`${t(`myDay.${act}`)} (D)`}>
            <ActionIcon aria-label={t(`myDay.${act}Of`, { name: title })} onClick={onDone}>
              <IconCheck {...iconLook} />
            </ActionIcon>
          </Tip>
        )}
      </span>
    </li>
  );
}

function When({ line }: { line: Line }): ReactNode {
  const { t } = useWords();
  if (line.section === 'customers') return line.at === null ? t('myDay.never') : t('myDay.last', { when: formatRelative(line.at) });
  if (line.at === null) return null;
  if (line.section === 'meetings') return line.timed ? formatTime(line.at) : t('myDay.allDay');
  if (line.section === 'today') return line.timed ? formatTime(line.at) : null;
  return formatRelative(line.at);
}
