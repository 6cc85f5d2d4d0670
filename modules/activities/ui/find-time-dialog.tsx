import { Button, Checkbox, Modal, NativeSelect, Stack } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { get } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { dayOf, formatDay, formatDuration, formatTime } from '#ui/format.ts';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './team.module.css';

const LENGTHS = [15, 30, 45, 60, 90, 120, 240];

interface Props {
  people: readonly Named[];
  /** Not before this instant. */
  from: string;
  onClose: () => void;
  onFound: (people: Named[], start: string, end: string) => void;
}

/** The next times at which everybody who is wanted is free: one press, and the meeting is about to be made. */
export function FindTimeDialog({ people, from, onClose, onFound }: Props): ReactNode {
  const { t } = useWords();
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const [minutes, setMinutes] = useState(60);
  const wanted = people.filter(({ id }) => !off.has(id));
  const ids = wanted.map(({ id }) => id).join(',');
  const query = useQuery({
    queryKey: ['my-day', 'free', ids, minutes, from],
    queryFn: ({ signal }) => get<{ items: string[] }>('/calendar/free', { people: ids, minutes, from }, signal),
    enabled: ids !== '',
    placeholderData: keepPreviousData,
  });
  const items = ids === '' ? [] : (query.data?.items ?? []);
  const days = [...new Set(items.map(dayOf))];
  return (
    <Modal opened onClose={onClose} title={t('team.find')} size={480} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <Stack gap="md">
        <NativeSelect
          label={t('team.length')}
          value={String(minutes)}
          onChange={({ currentTarget }) => setMinutes(Number(currentTarget.value))}
          data={LENGTHS.map((one) => ({ value: String(one), label: formatDuration(one * 60) }))}
          data-autofocus
        />
        <fieldset className={classes.wanted}>
          <legend>{t('team.who')}</legend>
          {people.map(({ id, name }) => (
            <Checkbox
              key={id}
              label={name}
              checked={!off.has(id)}
              onChange={({ currentTarget }) => {
                const next = new Set(off);
                if (currentTarget.checked) next.delete(id);
                else next.add(id);
                setOff(next);
              }}
            />
          ))}
        </fieldset>
        {query.isError && <p role="alert">{failureText(query.error)}</p>}
        <div role="status" className={classes.found}>
          {query.data && items.length === 0 && <p className="pg-secondary">{t(ids === '' ? 'team.nobody' : 'team.noTime')}</p>}
          {days.map((day) => (
            <div key={day}>
              <h3>{formatDay(day)}</h3>
              <div className={classes.times}>
                {items
                  .filter((at) => dayOf(at) === day)
                  .map((at) => (
                    <Button
                      key={at}
                      size="compact"
                      variant="default"
                      onClick={() => onFound(wanted, at, new Date(Date.parse(at) + minutes * 60_000).toISOString())}
                    >
                      {formatTime(at)}
                    </Button>
                  ))}
              </div>
            </div>
          ))}
        </div>
      </Stack>
    </Modal>
  );
}
