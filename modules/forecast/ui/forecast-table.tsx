import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { post } from '#ui/api.ts';
import { formatMoney, formatPercent } from '#ui/format.ts';
import { flat, readWhere } from '#ui/list/predicate.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import type { By } from '../period.ts';
import type { ForecastAnswer } from '../read.ts';
import type { Figures, ForecastRow } from '../roll-up.ts';
import classes from './forecast.module.css';
import { BEHIND, shares } from './forecast.ts';

const COLUMNS = ['quota', 'won', 'commit', 'bestCase', 'pipeline', 'weighted', 'statistical', 'call'] as const;
const CUT: Record<By, string> = {
  team: 'owner',
  owner: 'owner',
  territory: 'customer.territory',
  product: 'product',
  currency: 'amount.currency',
};

/** The forecast row by row; a sum of deals leads to them, a call is said where it stands. */
export function ForecastTable({ told, onCall }: { told: ForecastAnswer; onCall: (row: ForecastRow) => void }): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const navigate = useNavigate();
  const people = told.by === 'team' || told.by === 'owner';
  const columns = COLUMNS.filter((column) => people || (column !== 'quota' && column !== 'call')).filter(
    (column) => column !== 'statistical' || told.expectedOn !== null,
  );
  const money = (value: number): string => formatMoney({ amount: String(value), currency: told.currency }, { whole: true });
  const open = async (row: ForecastRow | null, column: string): Promise<void> => {
    const opportunities = meta.object('opportunity');
    if (!opportunities) return;
    try {
      const { where } = await post<{ where: unknown }>('/measures/records', {
        measure: BEHIND[column],
        from: told.from,
        to: told.to,
        ...(row && row.kind !== 'team' ? { by: [CUT[told.by]], cell: [row.id] } : {}),
        ...(row?.kind === 'team' ? { where: { field: 'owner.team', op: 'in', value: teamsBelow(told.rows, row) } } : {}),
      });
      void navigate({ to: '/o/$plural', params: { plural: opportunities.plural }, search: { where: readWhere(flat(where)) } });
    } catch (failure) {
      showFailure(failure);
    }
  };
  const cell = (row: ForecastRow | null, figures: Figures, column: (typeof COLUMNS)[number], name: string): ReactNode => {
    const value = figures[column];
    const word = t(`forecast.column.${column}`);
    if (column === 'call' && row?.mayCall)
      return (
        <button
          type="button"
          className={classes.call}
          data-empty={value === null || undefined}
          aria-label={t('forecast.callOf', { name, said: value === null ? t('forecast.say') : money(value) })}
          onClick={() => onCall(row)}
        >
          {value === null ? t('forecast.say') : money(value)}
        </button>
      );
    if (value === null) return null;
    if (BEHIND[column] && value !== 0)
      return (
        <button
          type="button"
          className={classes.drill}
          aria-label={`${name}: ${word} ${money(value)}`}
          onClick={() => void open(row, column)}
        >
          {money(value)}
        </button>
      );
    return money(value);
  };
  const line = (row: ForecastRow | null, figures: Figures, name: string, depth: number): ReactNode => (
    <tr key={row?.key ?? 'total'} data-kind={row?.kind ?? 'total'}>
      <th scope="row" style={{ paddingInlineStart: 8 + depth * 16 }}>
        <span className={classes.first}>
          <span className={classes.name}>{name}</span>
          {people && <Reached figures={figures} />}
        </span>
      </th>
      {columns.map((column) => (
        <td key={column}>{cell(row, figures, column, name)}</td>
      ))}
    </tr>
  );
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{t(`forecast.by.${told.by}`)}</th>
            {columns.map((column) => (
              <th key={column} scope="col" title={t(`forecast.column.${column}.is`)}>
                {t(`forecast.column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {told.rows.map((row) => line(row, row.figures, row.name ?? t(`forecast.no.${row.kind}`), row.depth))}
          {told.rows.length === 0 && (
            <tr>
              <td colSpan={columns.length + 1} className={classes.empty}>
                {t('forecast.empty')}
              </td>
            </tr>
          )}
        </tbody>
        {told.rows.length > 0 && <tfoot>{line(null, told.total, t('forecast.total'), 0)}</tfoot>}
      </table>
    </div>
  );
}

/** A team with all below it. */
function teamsBelow(rows: readonly ForecastRow[], team: ForecastRow): string[] {
  const keys = new Set([team.key]);
  for (const row of rows) if (row.kind === 'team' && row.parent !== null && keys.has(row.parent)) keys.add(row.key);
  return rows.filter((row) => keys.has(row.key)).map(({ id }) => id ?? '');
}

/** How much of a quota is won. */
function Reached({ figures }: { figures: Figures }): ReactNode {
  const parts = shares(figures);
  if (!parts || !figures.quota) return null;
  return (
    <span className={classes.small}>
      <span className={classes.reached} aria-hidden>
        {parts.map((share, at) => (
          <span key={['won', 'commit', 'bestCase'][at]} data-part={at} style={{ inlineSize: `${share * 100}%` }} />
        ))}
      </span>
      {formatPercent(Math.round(((figures.won ?? 0) / figures.quota) * 100) / 100)}
    </span>
  );
}
