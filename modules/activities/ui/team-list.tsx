import { ActionIcon } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { dayOf, formatDay, formatTime } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import { useWords } from '#ui/words.ts';
import classes from './team.module.css';
import type { Entry, Person, Team } from './team.ts';

interface Props {
  days: string[];
  team: Team;
  entries: Entry[];
  onPlace: ((person: Person, at: { day: string }) => void) | null;
}

/** Calendars on a phone, where columns leave four letters to each: person after person, day after day. */
export function TeamList({ days, team, entries, onPlace }: Props): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const on = (entry: Entry, day: string): boolean =>
    entry.days
      ? entry.days.from <= day && entry.days.to >= day
      : dayOf(entry.start) <= day && dayOf(new Date(Date.parse(entry.end) - 1).toISOString()) >= day;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section className={classes.list} tabIndex={0} aria-label={t('team.grid')}>
      {team.people.map((person) => {
        const own = entries.filter((entry) => entry.person === person.id);
        return (
          <section key={person.id} aria-labelledby={`team-${person.id}`}>
            <div className={classes.person}>
              <h2 id={`team-${person.id}`}>{person.name}</h2>
              {onPlace && (
                <ActionIcon
                  size={44}
                  aria-label={t('team.newWith', { person: person.name })}
                  onClick={() => onPlace(person, { day: days[0] ?? '' })}
                >
                  <IconPlus {...iconLook} />
                </ActionIcon>
              )}
            </div>
            {days.map((day) => {
              const some = own.filter((entry) => on(entry, day));
              if (some.length === 0 && days.length > 1) return null;
              return (
                <div key={day}>
                  {days.length > 1 && <h3>{formatDay(day)}</h3>}
                  {some.length === 0 && <p className="pg-meta">{t('team.nothing')}</p>}
                  <ul>
                    {some.map((entry) => {
                      const object = meta.object(entry.kind);
                      const name = entry.kind === 'busy' ? t('team.busy') : (entry.title ?? t('record.unnamed'));
                      const at = entry.allDay ? t('myDay.allDay') : `${formatTime(entry.start)}–${formatTime(entry.end)}`;
                      return (
                        <li key={entry.key} data-kind={entry.kind} data-done={entry.done || undefined}>
                          <span className={classes.at}>{at}</span>
                          {object && entry.record ? (
                            <Link className={classes.line} to="/o/$plural/$id" params={{ plural: object.plural, id: entry.record.id }}>
                              {name}
                            </Link>
                          ) : (
                            <span className={classes.line}>{name}</span>
                          )}
                          {entry.aside && <span className="pg-meta">{entry.aside}</span>}
                        </li>
                      );
                    })}
                  </ul>
                </div>
              );
            })}
            {days.length > 1 && !days.some((day) => own.some((entry) => on(entry, day))) && <p className="pg-meta">{t('team.nothing')}</p>}
          </section>
        );
      })}
    </section>
  );
}
