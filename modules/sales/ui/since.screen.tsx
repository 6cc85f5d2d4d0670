import { Button, Select, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { companyToday, formatDate, formatMoney, formatNumber } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { PageHeader } from '#ui/page-header.tsx';
import type { Page } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { pipelinesQuery } from './pipelines.ts';
import classes from './since.module.css';
import { BRIDGE, lastMonday, type Since, type SinceSearch, sinceQuery, type Told } from './since.ts';

const route = getRouteApi('/app/since');

/** Records of one kind by name, for a choice. */
function useNames(plural: string, readable: boolean) {
  const { data } = useQuery({
    queryKey: ['figures', plural, 'names'],
    queryFn: async ({ signal }) => (await post<Page>(`/${plural}/query`, { fields: ['name'], sort: ['name'], limit: 500 }, signal)).items,
    enabled: readable,
  });
  return (data ?? []).map((row) => ({ value: row.id, label: String(row.name ?? '') }));
}

/** What changed among deals since a day: from the open pipeline then to the one now, and each deal behind it. */
export function SinceScreen(): ReactNode {
  const { t, field, object: objectWord } = useWords();
  const navigate = useNavigate();
  const meta = useMeta();
  const search = route.useSearch();
  const today = companyToday();
  const since = search.since ?? lastMonday(today);
  const query = useQuery(sinceQuery({ ...search, since }));
  const pipelines = useQuery({ ...pipelinesQuery, enabled: meta.object('pipeline') !== undefined });
  const users = useNames('users', meta.object('user') !== undefined);
  const teams = useNames('teams', meta.object('team') !== undefined);
  const go = (change: SinceSearch): void => void navigate({ to: '/since', search: { ...search, ...change }, replace: true });
  const { data } = query;
  return (
    <div className={classes.screen}>
      <PageHeader title={t('since.title')} aside={formatDate(since)} />
      <div className={classes.bar}>
        <TextInput
          size="xs"
          type="date"
          aria-label={t('since.day')}
          value={since}
          max={today}
          onChange={(event) => event.currentTarget.value && go({ since: event.currentTarget.value })}
        />
        <Button size="compact" variant="default" onClick={() => go({ since: undefined })} disabled={since === lastMonday(today)}>
          {t('since.monday')}
        </Button>
        <Select
          size="xs"
          clearable
          aria-label={objectWord('pipeline')}
          placeholder={objectWord('pipeline')}
          data={(pipelines.data ?? []).map((one) => ({ value: one.id, label: one.name }))}
          value={search.pipeline ?? null}
          onChange={(pipeline) => go({ pipeline: pipeline ?? undefined })}
        />
        <Select
          size="xs"
          clearable
          searchable
          aria-label={field('opportunity', 'owner')}
          placeholder={field('opportunity', 'owner')}
          data={users}
          value={search.owner ?? null}
          onChange={(owner) => go({ owner: owner ?? undefined })}
        />
        <Select
          size="xs"
          clearable
          searchable
          aria-label={objectWord('team')}
          placeholder={objectWord('team')}
          data={teams}
          value={search.team ?? null}
          onChange={(team) => go({ team: team ?? undefined })}
        />
      </div>
      {query.isError && (
        <p className={classes.body} role="alert">
          {failureText(query.error)}
        </p>
      )}
      {data && (
        <div className={classes.body}>
          <Bridge told={data} />
          {data.kinds.length === 0 ? <p className="pg-secondary">{t('since.nothing')}</p> : <Kinds told={data} />}
        </div>
      )}
    </div>
  );
}

/** The open pipeline then, what was added and taken away, and what is open now. */
function Bridge({ told }: { told: Since }): ReactNode {
  const { t } = useWords();
  const amount = (value: string | null): string =>
    value === null ? '' : formatMoney({ amount: value, currency: told.currency }, { whole: true });
  const steps = BRIDGE.flatMap(({ kind, sign }) => {
    const step = told.kinds.find((one) => one.kind === kind);
    return step ? [{ ...step, value: step.value === null ? null : String(Number(step.value) * sign) }] : [];
  });
  const widest = Math.max(
    1,
    ...[told.was.value, told.now.value, ...steps.map(({ value }) => value)].map((value) => Math.abs(Number(value ?? 0))),
  );
  const bar = (value: string | null): { inlineSize: string } => ({ inlineSize: `${(Math.abs(Number(value ?? 0)) / widest) * 100}%` });
  const rows = [
    { key: 'was', word: t('since.was', { day: formatDate(told.since) }), count: told.was.count, value: told.was.value, whole: true },
    ...steps.map(({ kind, count, value }) => ({ key: kind, word: t(`since.kind.${kind}`), count, value, whole: false })),
    { key: 'now', word: t('since.now'), count: told.now.count, value: told.now.value, whole: true },
  ];
  return (
    <table className={classes.bridge}>
      <caption>{t('since.bridge')}</caption>
      <thead className={classes.hidden}>
        <tr>
          <th scope="col">{t('since.what')}</th>
          <th scope="col">{t('since.deals')}</th>
          <th scope="col">{t('since.value')}</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, word, count, value, whole }) => (
          <tr key={key} data-whole={whole || undefined}>
            <th scope="row">{word}</th>
            <td className={classes.number}>{formatNumber(count, 0)}</td>
            <td className={classes.number}>{value !== null && !whole && Number(value) > 0 ? `+${amount(value)}` : amount(value)}</td>
            <td className={classes.barCell} aria-hidden>
              <span className={classes.fill} data-less={(!whole && Number(value ?? 0) < 0) || undefined} style={bar(value)} />
            </td>
          </tr>
        ))}
      </tbody>
      {told.unconverted > 0 && (
        <tfoot>
          <tr>
            <td colSpan={4} className={classes.foot}>
              {t('since.unconverted', { count: told.unconverted, n: formatNumber(told.unconverted, 0) })}
            </td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

function Kinds({ told }: { told: Since }): ReactNode {
  const { t } = useWords();
  return told.kinds.map(({ kind, count, value, items }) => (
    <section key={kind} aria-label={t(`since.kind.${kind}`)}>
      <h2 className={classes.kind}>
        {t(`since.kind.${kind}`)}
        <span className={classes.aside}>
          {formatNumber(count, 0)}
          {value !== null && ` · ${formatMoney({ amount: value, currency: told.currency }, { whole: true })}`}
        </span>
      </h2>
      <ul className={classes.lines}>
        {items.map((item) => (
          <li key={item.id}>
            <Link className={classes.name} to="/o/$plural/$id" params={{ plural: 'opportunities', id: item.id }}>
              {item.name || t('record.unnamed')}
            </Link>
            <span className={classes.how}>{howText(kind, item)}</span>
            <span className={classes.owner}>{item.owner}</span>
            <span className={classes.number}>
              {item.value !== null && formatMoney({ amount: item.value, currency: told.currency }, { whole: true })}
            </span>
          </li>
        ))}
      </ul>
      {count > items.length && (
        <p className={classes.rest}>{t('since.more', { count: count - items.length, n: formatNumber(count - items.length, 0) })}</p>
      )}
    </section>
  ));
}

/** From what to what, where that is the point. */
function howText(kind: string, { stages, closeDate }: Told): string {
  if (kind === 'pushed' || kind === 'pulled')
    return `${closeDate.from ? formatDate(closeDate.from) : ''} → ${closeDate.to ? formatDate(closeDate.to) : ''}`;
  return stages.from && stages.from !== stages.to ? `${stages.from} → ${stages.to ?? ''}` : (stages.to ?? '');
}
