import { Button, Menu } from '@mantine/core';
import { IconEraser, IconFileText, IconFileZip, IconMail, IconPhone, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { primaryPoint, readPoints } from '#ui/fields/contact-points.tsx';
import { readLinks } from '#ui/fields/many-to-many/index.tsx';
import { isOver, useMembershipWords } from '#ui/fields/many-to-many/membership.ts';
import { viewOf } from '#ui/fields/registry.ts';
import { CreateDialog } from '#ui/form/create-dialog.tsx';
import { formatMoney, formatNumber, formatRelative } from '#ui/format.ts';
import { iconLook, iconOf } from '#ui/icons.ts';
import { TextLink } from '#ui/links.tsx';
import { Glow } from '#ui/live/glow.tsx';
import { Visitors } from '#ui/live/presence.tsx';
import { MenuButton } from '#ui/menu-button.tsx';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { useSubjectIs } from '#ui/palette/subject.ts';
import { Picture } from '#ui/person.tsx';
import { Attributes } from '#ui/record/attributes.tsx';
import { useNameHeading, usePeeking } from '#ui/record/peek-context.ts';
import { RecordFrame } from '#ui/record/record-frame.tsx';
import { MissingRecord, RecordMenu, RecordSkeleton, recordTitle } from '#ui/record/record-screen.tsx';
import { RecordWalk } from '#ui/record/record-walk.tsx';
import { RelatedRow } from '#ui/record/related-list.tsx';
import { useRecordInStep } from '#ui/record/use-record.ts';
import { useSurvivor } from '#ui/record/use-survivor.ts';
import { useDelayed } from '#ui/use-delayed.ts';
import { isObject, type ObjectMeta, type RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { Blocks, FigureValue } from './blocks.tsx';
import { ConsentsPart } from './consents-part.tsx';
import { EraseDialog } from './erase-dialog.tsx';
import { type Matter, type Overview, type OverviewSection, overviewQuery } from './overview.ts';
import classes from './party.module.css';
import { PersonExportDialog } from './person-export-dialog.tsx';
import { TimelineView } from './timeline-view.tsx';

const route = getRouteApi('/app/o/parties/$id');

/** The values a sentence may hold, as words: money and dates by the user's locale. */
function sentenceValues(matter: Matter, object: string): Record<string, unknown> {
  const values: Record<string, unknown> = { title: matter.title ?? '', object };
  for (const [key, value] of Object.entries(matter.params ?? {})) {
    if (isObject(value) && typeof value.currency === 'string')
      values[key] = formatMoney({ amount: String(value.amount), currency: value.currency });
    else if (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value)) values[key] = formatRelative(value);
    else values[key] = value;
  }
  // Plurals follow the days; how many more of the kind there are is said beside it.
  if (typeof values.days === 'number') [values.more, values.count] = [values.count, values.days];
  return values;
}

/** At most four sentences, each with its act. */
function Matters({ matters }: { matters: Matter[] }): ReactNode {
  const { t, object: objectWord, label } = useWords();
  const meta = useMeta();
  if (matters.length === 0) return null;
  return (
    <section className={classes.matters} aria-label={t('overview.matters')}>
      <h2 className={classes.columnTitle}>{t('overview.matters')}</h2>
      <ul className={classes.matterList}>
        {matters.slice(0, 4).map((matter) => {
          const target = meta.object(matter.object);
          const values = sentenceValues(matter, objectWord(matter.object));
          return (
            <li key={`${matter.key}${matter.id}`} className={classes.matter}>
              <span>
                {t(`matters.${matter.key}`, values)}
                {typeof values.amount === 'string' && `, ${values.amount}`}
              </span>
              {target && (
                <TextLink to="/o/$plural/$id" params={{ plural: target.plural, id: matter.id }} className={classes.matterAct}>
                  {label(`act.${matter.act ?? 'open'}`)}
                </TextLink>
              )}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

function Figures({ overview }: { overview: Overview }): ReactNode {
  const { t } = useWords();
  // Five figures at most, and only those that say something.
  const empty = (value: unknown): boolean =>
    value === null || value === undefined || value === 0 || (Array.isArray(value) && value.length === 0);
  const chosen = overview.figures.filter((figure) => !empty(figure.value)).slice(0, 5);
  if (chosen.length === 0) return null;
  return (
    <dl className={classes.figures}>
      {chosen.map((figure) => (
        <div key={figure.key} className={classes.figure}>
          <dt>{t(`overview.figure.${figure.key}`)}</dt>
          <dd>
            <FigureValue type={figure.type} value={figure.value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** New things about this party: every object that says whose it is. */
function NewMenu({ party }: { party: { id: string; name: string } }): ReactNode {
  const { t, object: objectWord } = useWords();
  const meta = useMeta();
  const [creating, setCreating] = useState<ObjectMeta | null>(null);
  // Beside a list, the list has the one primary act.
  const peeking = usePeeking();
  const objects = meta.objects.filter((object) => object.party !== null && object.verbs.create);
  if (objects.length === 0) return null;
  return (
    <>
      <MenuButton
        position="bottom-end"
        width={200}
        scrolling
        button={(props) => (
          <Button {...props} size="compact" variant={peeking ? 'default' : 'filled'} leftSection={<IconPlus {...iconLook} />}>
            {t('action.new')}
          </Button>
        )}
      >
        {() => (
          <>
            {objects.map((object) => {
              const Icon = iconOf(object.icon);
              return (
                <Menu.Item key={object.key} leftSection={<Icon {...iconLook} />} onClick={() => setCreating(object)}>
                  {objectWord(object.key)}
                </Menu.Item>
              );
            })}
          </>
        )}
      </MenuButton>
      {creating?.party && (
        <CreateDialog
          object={creating}
          preset={{ [creating.party]: party }}
          onClose={() => setCreating(null)}
          onCreated={() => setCreating(null)}
        />
      )}
    </>
  );
}

/** Name, what the party is to us, whose it is, and how to reach it. */
function NameLine({ object, record }: { object: ObjectMeta; record: RecordData }): ReactNode {
  const { t, plural } = useWords();
  const title = recordTitle(object, record);
  const square = record.kind === 'organisation';
  const Name = useNameHeading();
  const Icon = iconOf(object.icon);
  const phone = primaryPoint(readPoints(record.phones) ?? []);
  const email = primaryPoint(readPoints(record.emails) ?? []);
  const navigate = useNavigate();
  const administers = useMeta().may('administer');
  const [exporting, setExporting] = useState(false);
  const [erasing, setErasing] = useState(false);
  const acts = [
    {
      key: 'brief',
      word: t('brief.title'),
      icon: IconFileText,
      run: () => void navigate({ to: '/o/parties/$id/brief', params: { id: record.id } }),
    },
    ...(administers ? [{ key: 'export-person', word: t('personalData.exportAct'), icon: IconFileZip, run: () => setExporting(true) }] : []),
    ...(administers && record.kind === 'person'
      ? [{ key: 'erase-person', word: t('personalData.eraseAct'), icon: IconEraser, run: () => setErasing(true) }]
      : []),
  ];
  const facts = ['roles', 'lifecycleStage', 'owner']
    .map((key) => fieldOf(object, key))
    .filter((field) => field !== undefined)
    .filter((field) => !viewOf(field.type).isEmpty(record[field.key], field));
  return (
    <header className={classes.head}>
      <Link
        className={classes.crumb}
        to="/o/$plural"
        params={{ plural: object.plural }}
        title={plural(object.key)}
        aria-label={plural(object.key)}
      >
        <Icon {...iconLook} />
      </Link>
      <Picture name={title} square={square} size={32} of={object.picture ? record[object.picture] : null} />
      <Name className={classes.name}>{title || t('record.unnamed')}</Name>
      <div className={classes.facts}>
        {facts.map((field) => {
          const { Cell } = viewOf(field.type);
          return (
            <span key={field.key} className={`${classes.fact} pg-ellipsis`}>
              <Glow object={object.key} record={record} field={field.key} />
              <Cell value={record[field.key]} field={field} object={object.key} />
            </span>
          );
        })}
      </div>
      <div className={classes.acts}>
        <RecordWalk object={object} id={record.id} />
        <Visitors key={record.id} object={object.key} id={record.id} />
        {phone && (
          <Button size="compact" variant="default" component="a" href={`tel:${phone.value}`} leftSection={<IconPhone {...iconLook} />}>
            {t('overview.call')}
          </Button>
        )}
        {email && (
          <Button size="compact" variant="default" component="a" href={`mailto:${email.value}`} leftSection={<IconMail {...iconLook} />}>
            {t('overview.write')}
          </Button>
        )}
        <NewMenu party={{ id: record.id, name: title }} />
        <RecordMenu object={object} record={record} acts={acts} history />
        {exporting && <PersonExportDialog party={{ id: record.id, name: title }} onClose={() => setExporting(false)} />}
        {erasing && <EraseDialog party={{ id: record.id, name: title }} onClose={() => setErasing(false)} />}
      </div>
    </header>
  );
}

function SectionList({ section, party }: { section: OverviewSection; party: string }): ReactNode {
  const { label } = useWords();
  const object = useMeta().object(section.object);
  if (!object || !section.count) return null;
  const Icon = iconOf(object.icon);
  const where = { all: [{ field: section.field, op: 'eq', value: party }] };
  return (
    <section>
      <div className={classes.sectionHead}>
        <Icon {...iconLook} />
        <Link className={classes.sectionName} to="/o/$plural" params={{ plural: object.plural }} search={{ where }}>
          {label(`overview.section.${section.key}`)}
        </Link>
        <span className="pg-meta pg-figures">{formatNumber(section.count, 0)}</span>
      </div>
      <ul className={classes.rows}>
        {(section.items ?? []).slice(0, 5).map((record) => (
          <RelatedRow key={record.id} object={object} record={record} columns={section.columns ?? []} />
        ))}
      </ul>
    </section>
  );
}

/** Counts by one field, such as interactions by channel. */
function TallyList({ section }: { section: OverviewSection }): ReactNode {
  const { label, option } = useWords();
  const object = useMeta().object(section.object);
  const rows = section.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <section>
      <div className={classes.sectionHead}>
        <span className={classes.sectionName}>{label(`overview.section.${section.key}`)}</span>
      </div>
      <table className={classes.tally}>
        <tbody>
          {rows.map((row) => {
            const [by, value] = Object.entries(row).find(([key]) => key !== 'count' && key !== 'last') ?? ['', null];
            return (
              <tr key={String(value)}>
                <td>{value === null ? label('value.empty') : object ? option(object.key, by, String(value)) : label(String(value))}</td>
                <td className={classes.tallyCount}>{formatNumber(Number(row.count ?? 0), 0)}</td>
                <td className={classes.tallyLast}>{typeof row.last === 'string' ? formatRelative(row.last) : null}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Related({ overview, party }: { overview: Overview; party: ObjectMeta }): ReactNode {
  const { t, option, label } = useWords();
  const id = overview.party.id;
  const terms = useMembershipWords();
  const team = (readLinks(overview.party.accountTeam) ?? []).filter((member) => !isOver(member));
  const lists = overview.sections.filter((section) => !section.rows && (section.count ?? 0) > 0);
  const tallies = overview.sections.filter((section) => section.rows && section.rows.length > 0);
  const nothing = lists.length + tallies.length + overview.relations.length + team.length === 0;
  return (
    <div className={classes.related}>
      {team.length > 0 && (
        <section>
          <div className={classes.sectionHead}>
            <span className={classes.sectionName}>{t('overview.accountTeam')}</span>
          </div>
          <ul className={classes.people}>
            {team.map((member) => (
              <li key={`${member.id}${member.role}`} className={`${classes.person} ${classes.member}`}>
                <Picture name={member.name} />
                <span className="pg-ellipsis">{member.name}</span>
                <span className="pg-secondary">
                  {[...(member.role ? [option(party.key, 'accountTeam', member.role)] : []), ...terms(member)].join(' · ')}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      {overview.relations.length > 0 && (
        <section>
          <div className={classes.sectionHead}>
            <span className={classes.sectionName}>{t('overview.relations')}</span>
          </div>
          <ul className={classes.people}>
            {overview.relations.map((relation) => (
              <li key={`${relation.id}${relation.direction}`} className={classes.person}>
                <span className="pg-secondary pg-ellipsis">{label(`relation.${relation.type}.${relation.direction}`)}</span>
                <Link className={classes.itemTitle} to="/o/$plural/$id" params={{ plural: party.plural, id: relation.party.id }}>
                  {relation.party.name}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      {lists.map((section) => (
        <SectionList key={section.key} section={section} party={id} />
      ))}
      {tallies.map((section) => (
        <TallyList key={section.key} section={section} />
      ))}
      {nothing && <p className="pg-secondary">{t('overview.nothingRelated')}</p>}
      <ConsentsPart party={id} name={recordTitle(party, overview.party)} />
    </div>
  );
}

/** The page of a customer. */
export function PartyScreen(): ReactNode {
  const { id } = route.useParams();
  const object = useMeta().object('party');
  return object ? <PartyRecord object={object} id={id} /> : null;
}

/** The customer whole, on its page or beside a list: what matters now on top, facts, the story, what belongs to them. */
export function PartyRecord({ object, id }: { object: ObjectMeta; id: string }): ReactNode {
  const { t } = useWords();
  const query = useQuery(overviewQuery(id));
  const late = useDelayed(query.isPending);
  const record = useRecordInStep('parties', id, query.data?.party);
  useSurvivor(object, id, query.data?.party, !query.isFetching);
  useSubjectIs(record ? id : undefined, record ? recordTitle(object, record) : '');
  // The first answer is drawn in slices: it may come at any moment, also while somebody types.
  const come = useDeferredValue(query.data !== undefined);
  if (query.isError && !query.data) return <MissingRecord object={object} failure={query.error} onRetry={() => void query.refetch()} />;
  if (!come || !query.data || !record) return late ? <RecordSkeleton /> : null;
  const overview = query.data;
  return (
    <RecordFrame
      key={id}
      head={<NameLine object={object} record={record} />}
      top={
        <div className={classes.top}>
          <Matters matters={overview.matters} />
          <Figures overview={overview} />
          <Blocks blocks={overview.blocks} />
        </div>
      }
      attributes={<Attributes object={object} record={record} />}
      main={{ label: t('timeline.title'), body: <TimelineView key={id} party={id} first={overview.timeline} /> }}
      related={{ label: t('record.related'), body: <Related overview={overview} party={object} /> }}
    />
  );
}
