import { Button, Group, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { useMeta } from '#ui/meta.ts';
import { showAct, showUndo } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { type Hours, readWeek, type TypedHours, typedHours, WeekHoursInput, workingHoursQuery } from './week-hours.tsx';

/** When I work; for administrators also when everybody does who says nothing else. */
export function HoursPart(): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const { data } = useQuery(workingHoursQuery);
  if (!data) return <SettingsPart title={t('hours.title')}>{null}</SettingsPart>;
  return (
    <>
      <SettingsPart title={t('hours.title')}>
        <p className="pg-secondary">{t('hours.lead')}</p>
        <HoursForm path="/working-hours" title={t('hours.own')} held={data.own} shown={data.hours} said={t('hours.saved')} />
      </SettingsPart>
      {meta.may('administer') && (
        <SettingsPart title={t('hours.company')}>
          <p className="pg-secondary">{t('hours.companyLead')}</p>
          <HoursForm
            path="/working-hours/company"
            title={t('hours.company')}
            held={data.company}
            shown={data.company ?? OFFICE}
            said={t('hours.savedCompany')}
          />
        </SettingsPart>
      )}
    </>
  );
}

/** What counts while a company has said nothing: nine to five, Monday to Friday. */
const OFFICE: Hours = Object.fromEntries(['1', '2', '3', '4', '5'].map((day) => [day, [['09:00', '17:00']]]));

interface Props {
  path: '/working-hours' | '/working-hours/company';
  title: string;
  held: Hours | null;
  shown: Hours;
  said: string;
}

function HoursForm({ path, title, held, shown, said }: Props): ReactNode {
  const { t } = useWords();
  const [typed, setTyped] = useState<TypedHours | null>(null);
  const [tried, setTried] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const value = typed ?? typedHours(shown);
  const save = async (hours: Hours | null): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const before = held;
      const { cause } = await request('PUT', path, { body: { hours } });
      const refresh = (): Promise<void> => queryClient.invalidateQueries({ queryKey: workingHoursQuery.queryKey });
      await refresh();
      setTyped(null);
      setTried(false);
      // The company's are a setting and no record: what was before is put back, unless somebody changed them meanwhile.
      if (cause) showUndo(said, cause, () => void refresh());
      else
        showAct(said, t('action.undo'), async () => {
          await request('PUT', path, { body: { hours: before, was: hours } }).finally(refresh);
        });
    } catch (failure) {
      setProblem(failureText(failure));
    }
    setBusy(false);
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    const week = readWeek(value);
    if (week) void save(week);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="sm">
        <WeekHoursInput title={title} value={value} onChange={setTyped} tried={tried} problem={problem} />
        <Group gap="xs">
          <Button type="submit" variant="default" disabled={busy || typed === null}>
            {t('hours.save')}
          </Button>
          {held && path === '/working-hours' && (
            <Button variant="subtle" color="gray" disabled={busy} onClick={() => void save(null)}>
              {t('hours.standard')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
