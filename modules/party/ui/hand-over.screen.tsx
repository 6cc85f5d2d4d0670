import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError } from '#ui/api.ts';
import { failureText, problemsByField } from '#ui/failure.ts';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { viewOf } from '#ui/fields/registry.ts';
import { companyToday, formatDate, formatNumber } from '#ui/format.ts';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { PageHeader } from '#ui/page-header.tsx';
import { MissingRecord, RecordSkeleton } from '#ui/record/record-screen.tsx';
import { useDelayed } from '#ui/use-delayed.ts';
import type { Named, ObjectMeta, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './hand-over.module.css';
import { type Due, dueQuery, type Holds, handOver, holdsQuery, portfolioQuery } from './hand-over.ts';

const route = getRouteApi('/app/o/users/$id/customers');

/** Whom everything goes to, and what that is. */
function Successor({ holds: { user, holds } }: { holds: Holds }): ReactNode {
  const { t, object: objectWord, plural, inSentence } = useWords();
  const [to, setTo] = useState<Named | null>(null);
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const some = holds.filter(({ count }) => count > 0);
  const total = some.reduce((sum, { count }) => sum + count, 0);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!to) {
      setError(t('handOver.choose'));
      return;
    }
    setBusy(true);
    setError(undefined);
    try {
      await handOver(user, to);
      setTo(null);
    } catch (failure) {
      const own = failure instanceof ApiError ? problemsByField(failure) : {};
      setError(own.to ?? failureText(failure));
    } finally {
      setBusy(false);
    }
  };
  if (total === 0) return null;
  const what = some.map(
    ({ object, count }) => `${formatNumber(count, 0)} ${inSentence(count === 1 ? objectWord(object) : plural(object))}`,
  );
  return (
    <form className={classes.form} onSubmit={(event) => void submit(event)} noValidate>
      <p className={classes.lead}>{t('handOver.lead', { name: user.name, what: what.join(', ') })}</p>
      <div className={classes.line}>
        <RecordPicker
          object="user"
          value={to}
          onChange={(next) => {
            setTo(next);
            setError(undefined);
          }}
          label={t('handOver.to')}
          ariaLabel={t('handOver.to')}
          error={error}
        />
        <Button type="submit" disabled={busy} className={classes.act}>
          {t('handOver.submit', { count: total, n: formatNumber(total, 0) })}
        </Button>
      </div>
    </form>
  );
}

function Customer({ object, record, due }: { object: ObjectMeta; record: RecordData; due: Due | undefined }): ReactNode {
  const { t } = useWords();
  const about = ['lifecycleStage', 'city', 'country'].flatMap((key) => {
    const field = fieldOf(object, key);
    const text = field ? viewOf(field.type).text(record[key], field, object.key) : '';
    return text === '' ? [] : [text];
  });
  const open = [
    due && due.promises > 0 ? t('handOver.promises', { count: due.promises, n: formatNumber(due.promises, 0) }) : null,
    due && due.tasks > 0 ? t('handOver.tasks', { count: due.tasks, n: formatNumber(due.tasks, 0) }) : null,
  ].filter(Boolean);
  const late = due?.first !== undefined && due.first !== null && due.first < companyToday();
  return (
    <li className={classes.customer}>
      <span className={classes.name}>
        <Link className={classes.link} to="/o/$plural/$id" params={{ plural: object.plural, id: record.id }}>
          {String(record.name ?? '') || t('record.unnamed')}
        </Link>
        <span className={classes.about}>{about.join(' · ')}</span>
      </span>
      <span className={classes.open}>
        {open.join(', ')}
        {due?.first && (
          <span className={late ? 'pg-danger' : 'pg-secondary'}> {t('handOver.due', { date: formatDate(due.first, true) })}</span>
        )}
      </span>
      <Link
        className="pg-link"
        to="/o/parties/$id/brief"
        params={{ id: record.id }}
        aria-label={t('brief.of', { name: String(record.name ?? '') })}
      >
        {t('brief.title')}
      </Link>
    </li>
  );
}

/** All customers of one member of staff with what is promised to them and the way to each brief; and the act that gives them to a successor. */
export function HandOverScreen(): ReactNode {
  const { id } = route.useParams();
  const { newest = false } = route.useSearch();
  const { t } = useWords();
  const meta = useMeta();
  const [object, users] = [meta.object('party'), meta.object('user')];
  const holds = useQuery(holdsQuery(id));
  const pages = useInfiniteQuery(portfolioQuery(id, newest));
  const due = useQuery(dueQuery(id));
  const late = useDelayed(holds.isPending || pages.isPending);
  if (!object || !users) return null;
  const failure = holds.error ?? pages.error;
  if (failure && (!holds.data || !pages.data))
    return (
      <MissingRecord
        object={users}
        failure={failure}
        onRetry={() => {
          void holds.refetch();
          void pages.refetch();
        }}
      />
    );
  if (!holds.data || !pages.data) return late ? <RecordSkeleton /> : null;
  const rows = pages.data.pages.flatMap((page) => page.items);
  const may = holds.data.holds.some((one) => one.object === object.key);
  return (
    <div className={classes.screen}>
      <PageHeader title={t('handOver.title', { name: holds.data.user.name })} />
      <div className={classes.page}>
        {may && <Successor holds={holds.data} />}
        {rows.length === 0 ? (
          <p className="pg-secondary">{t('handOver.none', { name: holds.data.user.name })}</p>
        ) : (
          <ul className={classes.customers} aria-label={t('handOver.title', { name: holds.data.user.name })}>
            {rows.map((record) => (
              <Customer key={record.id} object={object} record={record} due={due.data?.get(record.id)} />
            ))}
          </ul>
        )}
        {pages.hasNextPage && (
          <Button variant="default" size="compact" disabled={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>
            {t('handOver.more')}
          </Button>
        )}
      </div>
    </div>
  );
}
