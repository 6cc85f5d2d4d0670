import { ActionIcon, Input, NativeSelect, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { iconLook } from '#ui/icons.ts';
import { showUndo } from '#ui/notify.tsx';
import { useSession } from '#ui/session.ts';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { type Every, type Schedule, schedulesQuery, weekdays } from './deliveries.ts';
import classes from './insight.module.css';
import { save } from './insight.ts';
import { ScheduleList } from './schedule-list.tsx';

const FIELDS = ['format', 'every', 'day', 'at', 'users', 'teams'];

interface Props {
  name: string;
  /** Key or id of what goes out. */
  of: { report: string } | { dashboard: string };
  onClose: () => void;
}

/** A report or dashboard that goes out by the clock: what there is, and one more. */
export function ScheduleDialog({ name, of, onClose }: Props): ReactNode {
  const { t, option } = useWords();
  const client = useQueryClient();
  const session = useSession();
  const [[field, key]] = Object.entries(of) as [[string, string]];
  const { data } = useQuery(schedulesQuery(field, key));
  const [format, setFormat] = useState<Schedule['format']>('pdf');
  const [every, setEvery] = useState<Every>('week');
  const [day, setDay] = useState('1');
  const [at, setAt] = useState('08:00');
  const [users, setUsers] = useState<Named[]>(session ? [{ id: session.user.id, name: session.user.name }] : []);
  const [teams, setTeams] = useState<Named[]>([]);
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, FIELDS);
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const { cause } = await save('reportSchedules', null, {
        name,
        [field]: key,
        format,
        every,
        day: every === 'day' ? null : Number(day),
        at,
        users: users.map(({ id }) => id),
        teams: teams.map(({ id }) => id),
      });
      const again = (): Promise<void> => client.invalidateQueries({ queryKey: ['schedules'] });
      await again();
      showUndo(t('schedule.made'), cause, () => void again());
    } catch (problem) {
      setFailure(problem);
    }
  };
  const people = (kind: 'user' | 'team', chosen: Named[], choose: (next: Named[]) => void): ReactNode => {
    const label = t(`schedule.${kind}s`);
    return (
      <Input.Wrapper label={label} error={refusal.at(`${kind}s`)} labelElement="div">
        {chosen.length > 0 && (
          <ul className={classes.chosen}>
            {chosen.map((one) => (
              <li key={one.id}>
                <span className="pg-ellipsis">{one.name}</span>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={t('report.without', { name: one.name ?? '' })}
                  onClick={() => choose(chosen.filter(({ id }) => id !== one.id))}
                >
                  <IconX {...iconLook} />
                </ActionIcon>
              </li>
            ))}
          </ul>
        )}
        <RecordPicker
          object={kind}
          value={null}
          ariaLabel={label}
          placeholder={t('picker.add')}
          onChange={(picked) => picked && !chosen.some(({ id }) => id === picked.id) && choose([...chosen, picked])}
        />
      </Input.Wrapper>
    );
  };
  return (
    <FormDialog title={t('schedule.title', { name })} failure={refusal.whole} act={t('schedule.make')} onSubmit={make} onClose={onClose}>
      <p className="pg-secondary">{t('schedule.hint')}</p>
      {data && data.length > 0 && <ScheduleList schedules={data} />}
      <div className={classes.timing}>
        <NativeSelect
          label={t('reportSchedule.fields.every')}
          value={every}
          error={refusal.at('every')}
          onChange={(event) => {
            setEvery(event.currentTarget.value as Every);
            setDay('1');
          }}
          data={(['day', 'week', 'month'] as const).map((one) => ({ value: one, label: option('reportSchedule', 'every', one) }))}
        />
        {every === 'week' && (
          <NativeSelect
            label={t('reportSchedule.fields.day')}
            value={day}
            error={refusal.at('day')}
            onChange={(event) => setDay(event.currentTarget.value)}
            data={weekdays()}
          />
        )}
        {every === 'month' && (
          <TextInput
            type="number"
            label={t('reportSchedule.fields.day')}
            value={day}
            min={1}
            max={31}
            error={refusal.at('day')}
            onChange={(event) => setDay(event.currentTarget.value)}
          />
        )}
        <TextInput
          type="time"
          label={t('reportSchedule.fields.at')}
          value={at}
          error={refusal.at('at')}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
        <NativeSelect
          label={t('reportSchedule.fields.format')}
          value={format}
          error={refusal.at('format')}
          onChange={(event) => setFormat(event.currentTarget.value as Schedule['format'])}
          data={(['pdf', 'csv'] as const).map((one) => ({ value: one, label: option('reportSchedule', 'format', one) }))}
        />
      </div>
      {people('user', users, setUsers)}
      {people('team', teams, setTeams)}
    </FormDialog>
  );
}
