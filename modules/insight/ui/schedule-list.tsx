import { ActionIcon, Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { post, request } from '#ui/api.ts';
import { formatDateTime, formatList } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { showDone, showFailure, showUndo } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import { clockText, outcomesQuery, type Schedule, weekdays } from './deliveries.ts';
import classes from './insight.module.css';

/** What goes out by the clock: when next, to whom, and what came of the last time. */
export function ScheduleList({ schedules }: { schedules: readonly Schedule[] }): ReactNode {
  return (
    <ul className={classes.schedules}>
      {schedules.map((schedule) => (
        <ScheduleLine key={schedule.id} schedule={schedule} />
      ))}
    </ul>
  );
}

/** When it goes out, in words. */
function useWhen(): (schedule: Pick<Schedule, 'every' | 'day' | 'at'>) => string {
  const { t } = useWords();
  return ({ every, day, at }) =>
    t(`schedule.when.${every}`, {
      at: clockText(at),
      day: every === 'week' ? (weekdays().find(({ value }) => value === String(day))?.label ?? '') : String(day ?? ''),
    });
}

function ScheduleLine({ schedule }: { schedule: Schedule }): ReactNode {
  const { t, option } = useWords();
  const client = useQueryClient();
  const when = useWhen();
  const outcomes = useQuery(outcomesQuery(schedule.id)).data ?? [];
  const again = (): Promise<void> => client.invalidateQueries({ queryKey: ['schedules'] });
  const act = async (said: string, method: 'PATCH' | 'DELETE', body?: object): Promise<void> => {
    try {
      const { cause } = await request(method, `/reportSchedules/${schedule.id}`, { body });
      await again();
      showUndo(said, cause, () => void again());
    } catch (problem) {
      showFailure(problem);
    }
  };
  const deliver = async (): Promise<void> => {
    try {
      const { recipients } = await post<{ recipients: number }>(`/insight/schedules/${schedule.id}/deliver`, {});
      showDone(t('schedule.begun', { count: recipients }));
      await again();
    } catch (problem) {
      showFailure(problem);
    }
  };
  const said = when(schedule);
  const paused = schedule.active === false;
  const people = formatList([...(schedule.users ?? []), ...(schedule.teams ?? [])].map(({ name }) => name ?? ''));
  const last = outcomes[0]?.moment;
  const latest = outcomes.filter(({ moment }) => moment === last);
  return (
    <li>
      <div className={classes.scheduleHead}>
        <div className={classes.grow}>
          <div>
            {said} · {option('reportSchedule', 'format', schedule.format)}
          </div>
          <div className="pg-secondary">
            {t('schedule.to', { people })} ·{' '}
            {paused || !schedule.nextAt ? t('schedule.paused') : t('schedule.next', { when: formatDateTime(schedule.nextAt) })}
          </div>
        </div>
        <Button size="compact" variant="subtle" onClick={() => void deliver()}>
          {t('schedule.now')}
        </Button>
        <Button
          size="compact"
          variant="subtle"
          color="gray"
          onClick={() => void act(t(paused ? 'schedule.resumed' : 'schedule.isPaused'), 'PATCH', { active: paused })}
        >
          {t(paused ? 'schedule.resume' : 'schedule.pause')}
        </Button>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t('schedule.remove', { name: said })}
          onClick={() => void act(t('schedule.removed'), 'DELETE')}
        >
          <IconTrash {...iconLook} />
        </ActionIcon>
      </div>
      {last && (
        <ul className={classes.outcomes} aria-label={t('schedule.last', { when: formatDateTime(last) })}>
          <li className="pg-meta">{t('schedule.last', { when: formatDateTime(last) })}</li>
          {latest.map(({ id, user, state, reason, fetchedAt }) => (
            <li key={id} className="pg-meta">
              {user.name}: {t(fetchedAt ? 'schedule.state.fetched' : reason ? `schedule.reason.${reason}` : `schedule.state.${state}`)}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
