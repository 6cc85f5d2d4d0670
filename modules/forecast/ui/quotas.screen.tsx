import { ActionIcon, NumberInput, SegmentedControl } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { post, request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { companyToday, formatMoney, formatStretch } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { PageHeader } from '#ui/page-header.tsx';
import { useSession } from '#ui/session.ts';
import { isObject, type Page, readNamed } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { LENGTHS, type Length, lastDay, type Period, periodAt, periodsOn } from '../period.ts';
import classes from './forecast.module.css';
import { FORECAST } from './forecast.ts';

interface Quota {
  id: string;
  amount: number;
  currency: string;
}
interface Row {
  kind: 'user' | 'team';
  id: string;
  name: string;
  team: string | null;
}

const KEY = [...FORECAST, 'quotas'] as const;

/** What everybody is to win, as a grid of a year: a number typed into a cell is set at once and can be taken back. */
export function QuotasScreen(): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const company = useSession()?.company.baseCurrency ?? 'EUR';
  const [year, setYear] = useState(() => periodAt(companyToday(), 'year'));
  const [every, setEvery] = useState<Length>('quarter');
  const query = useQuery({ queryKey: [...KEY, year.from, every], queryFn: ({ signal }) => load(year, every, signal) });
  const periods = periodsIn(year, every);
  const may = meta.object('quota')?.verbs.create === true;
  const sums = periods.map((period) =>
    (query.data?.rows ?? []).reduce((sum, row) => {
      const quota = row.kind === 'user' ? query.data?.quotas.get(keyOf(row, period)) : undefined;
      return quota?.currency === company ? sum + quota.amount : sum;
    }, 0),
  );
  return (
    <div className={classes.screen}>
      <PageHeader title={t('forecast.quotas')} aside={formatStretch(year.from, 'year')}>
        <Link className={classes.link} to="/forecast" search={{}}>
          {t('forecast.title')}
        </Link>
      </PageHeader>
      <div className={classes.bar}>
        <ActionIcon variant="default" size={28} aria-label={t('forecast.before')} onClick={() => setYear(periodsOn(year, -1))}>
          <IconChevronLeft {...iconLook} className={classes.turns} />
        </ActionIcon>
        <ActionIcon variant="default" size={28} aria-label={t('forecast.after')} onClick={() => setYear(periodsOn(year, 1))}>
          <IconChevronRight {...iconLook} className={classes.turns} />
        </ActionIcon>
        <SegmentedControl
          size="xs"
          aria-label={t('forecast.every')}
          value={every}
          data={LENGTHS.map((value) => ({ value, label: t(`forecast.every.${value}`) }))}
          onChange={(value) => setEvery(value as Length)}
        />
      </div>
      {query.isError && (
        <p className={classes.body} role="alert">
          {failureText(query.error)}
        </p>
      )}
      {query.data && (
        <div className={classes.body}>
          <p className={classes.foot}>{t('forecast.quotasIs', { currency: company })}</p>
          <div className={classes.scroll}>
            <table className={classes.table}>
              <thead>
                <tr>
                  <th scope="col">{t('forecast.by.team')}</th>
                  {periods.map((period) => (
                    <th key={period.from} scope="col">
                      {formatStretch(period.from, period.every)}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {query.data.rows.map((row) => (
                  <tr key={`${row.kind}:${row.id}`} data-kind={row.kind}>
                    <th scope="row" style={{ paddingInlineStart: row.kind === 'user' && row.team ? 24 : 8 }}>
                      {row.name}
                    </th>
                    {periods.map((period) => (
                      <td key={period.from}>
                        <QuotaCell
                          key={`${period.from} ${query.data.quotas.get(keyOf(row, period))?.amount ?? ''}`}
                          row={row}
                          period={period}
                          held={query.data.quotas.get(keyOf(row, period)) ?? null}
                          currency={company}
                          may={may}
                        />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
              <tfoot>
                <tr data-kind="total">
                  <th scope="row">{t('forecast.ofPeople')}</th>
                  {sums.map((sum, at) => (
                    <td key={periods[at]?.from}>{formatMoney({ amount: String(sum), currency: company }, { whole: true })}</td>
                  ))}
                </tr>
              </tfoot>
            </table>
          </div>
        </div>
      )}
    </div>
  );
}

/** One quota: what is typed is set when the cell is left; emptied, it is taken away. */
function QuotaCell({
  row,
  period,
  held,
  currency,
  may,
}: {
  row: Row;
  period: Period;
  held: Quota | null;
  currency: string;
  may: boolean;
}): ReactNode {
  const { t } = useWords();
  const client = useQueryClient();
  const [typed, setTyped] = useState<string | number>(held?.amount ?? '');
  const own = held === null || held.currency === currency;
  if (!may || !own) return held === null ? null : formatMoney({ amount: String(held.amount), currency: held.currency }, { whole: true });
  const save = async (): Promise<void> => {
    const now = typed === '' ? null : Number(typed);
    if (now === (held?.amount ?? null)) return;
    const amount = { amount: String(now), currency };
    try {
      const { cause } =
        held === null
          ? await request('POST', '/quotas', { body: { [row.kind]: row.id, start: period.from, every: period.every, amount } })
          : now === null
            ? await request('DELETE', `/quotas/${held.id}`)
            : await request('PATCH', `/quotas/${held.id}`, { body: { amount } });
      const again = () => client.invalidateQueries({ queryKey: FORECAST });
      showUndo(t('forecast.quotaSet', { name: row.name }), cause, () => void again());
      await again();
    } catch (failure) {
      showFailure(failure);
      setTyped(held?.amount ?? '');
    }
  };
  return (
    <NumberInput
      classNames={{ input: classes.cell ?? '' }}
      size="xs"
      hideControls
      thousandSeparator=","
      min={0}
      aria-label={`${row.name}, ${formatStretch(period.from, period.every)}`}
      value={typed}
      onChange={setTyped}
      onBlur={() => void save()}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setTyped(held?.amount ?? '');
      }}
    />
  );
}

/** The periods of a length that make up a year. */
function periodsIn(year: Period, every: Length): Period[] {
  const last = lastDay(year);
  const periods: Period[] = [];
  for (let period: Period = { from: year.from, every }; period.from <= last; period = periodsOn(period, 1)) periods.push(period);
  return periods;
}

const keyOf = (row: Pick<Row, 'kind' | 'id'>, period: Period): string => `${row.kind}:${row.id} ${period.from}`;

async function load(year: Period, every: Length, signal: AbortSignal): Promise<{ rows: Row[]; quotas: Map<string, Quota> }> {
  const page = async (plural: string, body: object) => {
    const items: Page['items'] = [];
    for (let cursor: string | null = null; ; ) {
      const answer: Page = await post<Page>(`/${plural}/query`, { limit: 500, cursor, ...body }, signal);
      items.push(...answer.items);
      cursor = answer.next;
      if (cursor === null) return items;
    }
  };
  const [quotas, users, teams] = await Promise.all([
    page('quotas', {
      where: {
        all: [
          { field: 'every', op: 'eq', value: every },
          { field: 'start', op: 'gte', value: year.from },
          { field: 'start', op: 'lte', value: lastDay(year) },
        ],
      },
      fields: ['user', 'team', 'start', 'amount'],
    }),
    page('users', { where: { field: 'active', op: 'ne', value: false }, fields: ['name', 'team'], sort: ['name'] }),
    page('teams', { fields: ['name'], sort: ['name'] }),
  ]);
  const held = new Map<string, Quota>();
  for (const quota of quotas) {
    const [user, team] = [readNamed(quota.user), readNamed(quota.team)];
    const about = user ? { kind: 'user' as const, id: user.id } : team ? { kind: 'team' as const, id: team.id } : null;
    if (about && isObject(quota.amount))
      held.set(keyOf(about, { from: String(quota.start), every }), {
        id: quota.id,
        amount: Number(quota.amount.amount),
        currency: String(quota.amount.currency),
      });
  }
  const people = users.map(
    (user): Row => ({ kind: 'user', id: user.id, name: String(user.name ?? ''), team: readNamed(user.team)?.id ?? null }),
  );
  const known = new Set(teams.map(({ id }) => id));
  return {
    quotas: held,
    rows: [
      ...teams.flatMap((team): Row[] => [
        { kind: 'team', id: team.id, name: String(team.name ?? ''), team: null },
        ...people.filter((person) => person.team === team.id),
      ]),
      ...people.filter((person) => person.team === null || !known.has(person.team)),
    ],
  };
}
