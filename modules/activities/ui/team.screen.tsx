import { ActionIcon, Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCalendarSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { lazy, type ReactNode, Suspense, useMemo, useState } from 'react';
import { request } from '#ui/api.ts';
import { CalendarBar } from '#ui/calendar/calendar-bar.tsx';
import { dayText, midnight, plusDays } from '#ui/calendar/wall-days.ts';
import { failureText } from '#ui/failure.ts';
import { CreateDialog } from '#ui/form/create-dialog.tsx';
import { companyNow, dayOf, firstDayOfWeek, formatDay, formatMonth, instantOf, wallClock } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { recordPath, useMeta } from '#ui/meta.ts';
import { showFailure } from '#ui/notify.tsx';
import { PageHeader } from '#ui/page-header.tsx';
import { useSession } from '#ui/session.ts';
import { useDelayed } from '#ui/use-delayed.ts';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { FindTimeDialog } from './find-time-dialog.tsx';
import { PeopleMenu } from './people-menu.tsx';
import classes from './team.module.css';
import { entriesOf, type Person, type TeamSearch, teamQuery } from './team.ts';
import { TeamList } from './team-list.tsx';
import { useTeamMoves } from './use-team-moves.ts';

// The calendar's own code comes where columns are drawn.
const TeamGrid = lazy(() => import('./team-grid.tsx').then((file) => ({ default: file.TeamGrid })));

const route = getRouteApi('/app/calendar');
const HOUR = 3_600_000;

const shifted = (day: string, by: number): string => dayText(plusDays(midnight(day), by));
const weekOf = (day: string): string => shifted(day, -((midnight(day).getDay() - firstDayOfWeek() + 7) % 7));

/** Where in a day of somebody a meeting begins that is planned for the day alone: when they begin to work, or in the next whole hour. */
function startOn(person: Person, day: string): string {
  const own = person.works.find(({ start }) => dayOf(start) === day)?.start ?? instantOf(new Date(`${day}T09:00:00`));
  const next = new Date(Math.ceil(companyNow() / HOUR) * HOUR).toISOString();
  return dayOf(next) === day && next > own ? next : own;
}

/** Calendars of colleagues side by side: of a day or a week, what one may read of them, and when they are busy. */
export function TeamScreen(): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const session = useSession();
  const client = useQueryClient();
  const navigate = useNavigate();
  const search = route.useSearch();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false }) === true;
  const [creating, setCreating] = useState<Record<string, unknown> | null>(null);
  const [finding, setFinding] = useState(false);
  const today = dayText(wallClock(companyNow()));
  const span = search.span ?? 'day';
  const first = span === 'week' ? weekOf(search.day ?? today) : (search.day ?? today);
  const range = useMemo(() => {
    const days = Array.from({ length: span === 'week' ? 7 : 1 }, (_, i) => shifted(first, i));
    return { days, from: instantOf(midnight(first)), until: instantOf(midnight(shifted(first, days.length))) };
  }, [first, span]);
  const query = useQuery({ ...teamQuery(range.from, range.until), placeholderData: keepPreviousData });
  const team = query.data;
  const me = session?.user.id ?? '';
  const entries = useMemo(() => (team ? entriesOf(team, me) : []), [team, me]);
  const nameOf = (person: string): string => team?.people.find(({ id }) => id === person)?.name ?? '';
  const move = useTeamMoves(nameOf);
  const slow = useDelayed(query.isPending);
  const meeting = meta.object('meeting');
  const go = (change: TeamSearch): void => void navigate({ to: '/calendar', search: { ...search, ...change }, replace: true });
  const choose = async (people: string[]): Promise<void> => {
    try {
      await request('PUT', '/calendar/team', { body: { people } });
    } catch (failure) {
      showFailure(failure);
    }
    await client.invalidateQueries({ queryKey: ['my-day', 'team'] });
  };
  const plan = (people: readonly Named[], start: string, end?: string): void =>
    setCreating({
      start,
      end: end ?? new Date(Date.parse(start) + HOUR).toISOString(),
      ...(session ? { owner: { id: me, name: session.user.name } } : {}),
      colleagues: people.filter(({ id }) => id !== me).map(({ id, name }) => ({ id, name })),
    });
  const place = meeting?.verbs.create
    ? (person: Person, at: { start: string } | { day: string }): void => plan([person], 'start' in at ? at.start : startOn(person, at.day))
    : null;

  return (
    <div className={classes.screen}>
      <PageHeader title={t('team.title')}>
        {team && <PeopleMenu people={team.people} onChange={(people) => void choose(people)} />}
        {meeting?.verbs.create &&
          team &&
          team.people.length > 0 &&
          (phone ? (
            <ActionIcon size={44} aria-label={t('team.find')} onClick={() => setFinding(true)}>
              <IconCalendarSearch {...iconLook} />
            </ActionIcon>
          ) : (
            <Button size="compact" variant="default" leftSection={<IconCalendarSearch {...iconLook} />} onClick={() => setFinding(true)}>
              {t('team.find')}
            </Button>
          ))}
      </PageHeader>
      <CalendarBar
        title={span === 'week' ? formatMonth(shifted(first, 3)) : formatDay(first)}
        onPrevious={() => go({ day: shifted(first, -range.days.length) })}
        onNext={() => go({ day: shifted(first, range.days.length) })}
        onToday={() => go({ day: undefined })}
        views={['day', 'week']}
        view={span}
        onView={(one) => go({ span: one === 'day' ? undefined : one, day: first })}
        note={team?.more && t('team.more')}
      />
      {query.isError && (
        <p className={classes.note} role="alert">
          {failureText(query.error)}
        </p>
      )}
      {slow && <div className={classes.waiting} aria-busy />}
      {team && team.people.length === 0 && <p className={classes.note}>{t('team.nobody')}</p>}
      {team &&
        team.people.length > 0 &&
        (phone ? (
          <TeamList days={range.days} team={team} entries={entries} onPlace={place} />
        ) : (
          <Suspense fallback={<div className={classes.grid} />}>
            <TeamGrid
              key={span}
              span={span}
              day={first}
              range={range}
              team={team}
              entries={entries}
              onMove={move}
              onOpen={({ kind, record }) => {
                const object = meta.object(kind);
                if (object && record) void navigate({ to: recordPath(object, record.id) });
              }}
              onPlace={place}
            />
          </Suspense>
        ))}
      {finding && team && (
        <FindTimeDialog
          people={team.people}
          from={range.from}
          onClose={() => setFinding(false)}
          onFound={(people, start, end) => {
            setFinding(false);
            plan(people, start, end);
          }}
        />
      )}
      {creating && meeting && (
        <CreateDialog
          object={meeting}
          preset={creating}
          onClose={() => setCreating(null)}
          onCreated={() => void client.invalidateQueries({ queryKey: ['my-day'] })}
        />
      )}
    </div>
  );
}
