import { Button } from '@mantine/core';
import { IconArrowLeft, IconPrinter } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Fragment, type ReactNode } from 'react';
import { PointLines, readPoints } from '#ui/fields/contact-points.tsx';
import { readLinks } from '#ui/fields/many-to-many/index.tsx';
import { isOver } from '#ui/fields/many-to-many/membership.ts';
import { viewOf } from '#ui/fields/registry.ts';
import { companyToday, dayOf, daysSince, formatAge, formatDate, formatDateTime, formatMoney, formatNumber } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { ButtonLink } from '#ui/links.tsx';
import { titleText } from '#ui/list/record-title.tsx';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { PageHeader } from '#ui/page-header.tsx';
import { useSubjectIs } from '#ui/palette/subject.ts';
import { MissingRecord, RecordSkeleton } from '#ui/record/record-screen.tsx';
import { useSession } from '#ui/session.ts';
import { useDelayed } from '#ui/use-delayed.ts';
import type { FieldMeta, Money, ObjectMeta, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './brief.module.css';
import { type Brief, type BriefList, type BriefRelation, briefQuery, byKind, chaptersOf } from './brief.ts';

const route = getRouteApi('/app/o/parties/$id/brief');

const sums = (amounts: readonly Money[]): string => amounts.map((sum) => formatMoney(sum)).join(' + ');

/** Fields of a record that hold something, of those named. */
function filled(object: ObjectMeta, record: Record<string, unknown>, keys: readonly string[]): FieldMeta[] {
  return keys.flatMap((key) => {
    const field = fieldOf(object, key);
    return field && !field.hidden && !viewOf(field.type).isEmpty(record[key], field) ? [field] : [];
  });
}

const who = [
  'jobTitle',
  'phones',
  'emails',
  'website',
  'addresses',
  'city',
  'country',
  'language',
  'birthDate',
  'industry',
  'employees',
  'annualRevenue',
  'foundedYear',
  'parent',
  'tags',
  'description',
];

/** Who they are: how to reach them, what they do, who of us serves them. */
function Identity({ object, record }: { object: ObjectMeta; record: RecordData }): ReactNode {
  const { t, field: fieldWord, option } = useWords();
  const team = (readLinks(record.accountTeam) ?? []).filter((member) => !isOver(member));
  const placed = filled(object, record, ['addresses']).length > 0;
  const fields = filled(object, record, who).filter((field) => !placed || (field.key !== 'city' && field.key !== 'country'));
  if (fields.length + team.length === 0) return null;
  return (
    <section>
      <h2>{t('brief.who')}</h2>
      <dl className={classes.facts}>
        {fields.map((field) => {
          const { Read } = viewOf(field.type);
          return (
            <Fragment key={field.key}>
              <dt>{fieldWord(object.key, field.key)}</dt>
              <dd>
                <Read value={record[field.key]} field={field} object={object.key} />
              </dd>
            </Fragment>
          );
        })}
        {team.length > 0 && (
          <>
            <dt>{fieldWord(object.key, 'accountTeam')}</dt>
            <dd>
              {team
                .map((member) => (member.role ? `${member.name} (${option(object.key, 'accountTeam', member.role)})` : member.name))
                .join(', ')}
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}

function Relations({ relations, object }: { relations: readonly BriefRelation[]; object: ObjectMeta }): ReactNode {
  const { t, label } = useWords();
  if (relations.length === 0) return null;
  return (
    <section>
      <h2>{t('brief.relations')}</h2>
      <ul className={classes.items}>
        {relations.map(({ id, type, direction, party, facts }) => {
          const { since, until, comment, jobTitle } = facts;
          const phones = readPoints(facts.phones);
          const emails = readPoints(facts.emails);
          const about = [
            label(`relation.${type}.${direction}`),
            typeof jobTitle === 'string' ? jobTitle : null,
            typeof since === 'string' ? t('brief.since', { date: formatDate(since) }) : null,
            typeof until === 'string' ? t('brief.until', { date: formatDate(until) }) : null,
          ];
          return (
            <li key={`${id}${direction}`} className={classes.item}>
              <Link className={classes.link} to="/o/$plural/$id" params={{ plural: object.plural, id: party.id }}>
                {party.name}
              </Link>
              <span className={classes.about}>{about.filter(Boolean).join(' · ')}</span>
              {(phones || emails) && (
                <span className={classes.about}>
                  {phones && <PointLines points={phones} scheme="tel" />}
                  {emails && <PointLines points={emails} scheme="mailto" />}
                </span>
              )}
              {typeof comment === 'string' && <p className={classes.long}>{comment}</p>}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** One thing known: what, from whom, how old, until when. */
function Fact({ fact }: { fact: RecordData }): ReactNode {
  const { t } = useWords();
  const author = viewOf('user').text(fact.author, authorField, 'fact');
  const since = typeof fact.knownSince === 'string' ? fact.knownSince : dayOf(fact.createdAt);
  const days = daysSince(since);
  const about = [
    typeof fact.source === 'string' && fact.source !== '' ? fact.source : null,
    author === '' ? null : t('brief.by', { name: author }),
    since === '' ? null : days > 0 ? t('brief.age', { date: formatDate(since), age: formatAge(days) }) : t('brief.ageToday'),
    typeof fact.expiresOn === 'string'
      ? t(fact.expiresOn < companyToday() ? 'brief.held' : 'brief.holds', { date: formatDate(fact.expiresOn) })
      : null,
  ];
  return (
    <li className={classes.item}>
      {String(fact.text ?? '')}
      <span className={classes.about}>{about.filter(Boolean).join(' · ')}</span>
    </li>
  );
}
const authorField: FieldMeta = {
  key: 'author',
  type: 'user',
  required: false,
  readOnly: true,
  sortable: false,
  filterable: false,
  operators: [],
};

function Known({ lists }: { lists: readonly BriefList[] }): ReactNode {
  const { t, option } = useWords();
  const known = lists.find((list) => list.key === 'known')?.items ?? [];
  const once = lists.find((list) => list.key === 'knownOnce')?.items ?? [];
  if (known.length + once.length === 0) return null;
  return (
    <section>
      <h2>{t('brief.known')}</h2>
      {byKind(known).map(([kind, facts]) => (
        <Fragment key={kind}>
          <h3>{option('fact', 'kind', kind)}</h3>
          <ul className={classes.items}>
            {facts.map((fact) => (
              <Fact key={fact.id} fact={fact} />
            ))}
          </ul>
        </Fragment>
      ))}
      {once.length > 0 && (
        <>
          <h3>{t('brief.knownOnce')}</h3>
          <ul className={`${classes.items} pg-secondary`}>
            {once.map((fact) => (
              <Fact key={fact.id} fact={fact} />
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

const prose = new Set(['longText', 'richText']);
const days = new Set(['date', 'dateTime']);

/** Records of any kind: the title, the short values in one line, texts below. */
function Records({ list }: { list: BriefList }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const object = useMeta().object(list.object);
  if (!object) return null;
  const today = companyToday();
  return (
    <ul className={classes.items}>
      {list.items.map((record) => {
        const fields = filled(
          object,
          record,
          list.columns.filter((key) => key !== object.title),
        );
        const due = list.columns.find((key) => key === 'dueOn' || key === 'dueDate');
        const late = due !== undefined && typeof record[due] === 'string' && String(record[due]) < today;
        return (
          <li key={record.id} className={classes.item}>
            <Link className={classes.link} to="/o/$plural/$id" params={{ plural: object.plural, id: record.id }}>
              {titleText(object, record) || t('record.unnamed')}
            </Link>
            <span className={classes.about}>
              {fields
                .filter((field) => !prose.has(field.type))
                .map((field, at) => {
                  const view = viewOf(field.type);
                  const text = view.text(record[field.key], field, object.key);
                  return (
                    <Fragment key={field.key}>
                      {at > 0 && ' · '}
                      <span className={late && field.key === due ? classes.late : undefined}>
                        {days.has(field.type) || field.type === 'rating'
                          ? t('brief.named', { name: fieldWord(object.key, field.key), value: text })
                          : text}
                      </span>
                    </Fragment>
                  );
                })}
            </span>
            {fields
              .filter((field) => prose.has(field.type))
              .map((field) => {
                const { Read } = viewOf(field.type);
                return (
                  <div key={field.key} className={classes.rich}>
                    <Read value={record[field.key]} field={field} object={object.key} />
                  </div>
                );
              })}
          </li>
        );
      })}
      {list.count > list.items.length && <li className="pg-meta">{t('overview.moreItems', { count: list.count - list.items.length })}</li>}
    </ul>
  );
}

function Years({ brief }: { brief: Brief }): ReactNode {
  const { t, label } = useWords();
  const known = brief.means.filter((mean) => mean.count > 0 && mean.mean !== null);
  if (brief.years.length + known.length === 0) return null;
  return (
    <section>
      <h2>{t('brief.story')}</h2>
      <dl className={classes.facts}>
        {brief.years.map(({ year, entries }) => (
          <Fragment key={year}>
            <dt className="pg-figures">{year}</dt>
            <dd>
              {entries.map((entry) => {
                const names = (entry.names ?? []).map((one) => one.title).filter(Boolean);
                return (
                  <div key={entry.key}>
                    {[
                      t('brief.named', { name: label(`brief.year.${entry.key}`), value: formatNumber(entry.count, 0) }),
                      entry.amount.length > 0 ? sums(entry.amount) : null,
                      names.length > 0 ? names.join(', ') + (entry.count > names.length ? ' …' : '') : null,
                    ]
                      .filter(Boolean)
                      .join(' · ')}
                  </div>
                );
              })}
            </dd>
          </Fragment>
        ))}
        {known.map((mean) => (
          <Fragment key={mean.key}>
            <dt>{label(`brief.mean.${mean.key}`)}</dt>
            <dd>{t('brief.mean', { value: formatNumber(mean.mean ?? 0, 1), count: mean.count, n: formatNumber(mean.count, 0) })}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}

/** Lists that say by their chapter what they are. */
const plain = new Set(['lastContacts', 'notes']);

function Lines({ brief, object }: { brief: Brief; object: ObjectMeta }): ReactNode {
  const { t, label, option, plural } = useWords();
  const { party } = brief;
  const heading = [
    ...(Array.isArray(party.roles) ? party.roles.map((role) => option(object.key, 'roles', String(role))) : []),
    typeof party.lifecycleStage === 'string' ? option(object.key, 'lifecycleStage', party.lifecycleStage) : null,
    viewOf('user').text(party.owner, authorField, object.key) || null,
  ].filter(Boolean);
  const chapters = chaptersOf(brief.lists);
  return (
    <>
      <h1 className={classes.name}>{titleText(object, party) || t('record.unnamed')}</h1>
      <div className="pg-secondary">{heading.join(' · ')}</div>
      <Identity object={object} record={party} />
      <Relations relations={brief.relations} object={object} />
      <Known lists={brief.lists} />
      {chapters.map((chapter) => (
        <section key={chapter.key}>
          <h2>{t(`brief.chapter.${chapter.key}`)}</h2>
          {chapter.lists.map((list) => (
            <Fragment key={list.key}>
              {(chapter.lists.length > 1 || !plain.has(list.key)) && (
                <h3>
                  {chapter.key === 'more' ? plural(list.object) : label(`brief.list.${list.key}`)}
                  {list.total && list.total.length > 0 && <span className={classes.total}>{sums(list.total)}</span>}
                </h3>
              )}
              <Records list={list} />
            </Fragment>
          ))}
        </section>
      ))}
      <Years brief={brief} />
    </>
  );
}

/** What whoever takes a customer over must know, to read and to print. */
export function BriefScreen(): ReactNode {
  const { id } = route.useParams();
  const { t } = useWords();
  const session = useSession();
  const object = useMeta().object('party');
  const query = useQuery(briefQuery(id));
  const late = useDelayed(query.isPending);
  const name = query.data && object ? titleText(object, query.data.party) : '';
  useSubjectIs(query.data ? id : undefined, name);
  if (!object) return null;
  if (query.isError && !query.data) return <MissingRecord object={object} failure={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data) return late ? <RecordSkeleton /> : null;
  return (
    <div className={classes.screen}>
      <PageHeader title={t('brief.title')}>
        <ButtonLink
          variant="subtle"
          color="gray"
          size="compact"
          to="/o/$plural/$id"
          params={{ plural: object.plural, id }}
          leftSection={<IconArrowLeft {...iconLook} />}
        >
          {t('brief.back')}
        </ButtonLink>
        <Button size="compact" variant="default" leftSection={<IconPrinter {...iconLook} />} onClick={() => window.print()}>
          {t('brief.print')}
        </Button>
      </PageHeader>
      <div className={classes.page}>
        <article className={classes.text} aria-label={t('brief.of', { name })}>
          <Lines brief={query.data} object={object} />
          <p className={classes.foot}>
            {t('brief.asOf', { company: session?.company.name ?? '', when: formatDateTime(new Date(query.dataUpdatedAt).toISOString()) })}
          </p>
        </article>
      </div>
    </div>
  );
}
