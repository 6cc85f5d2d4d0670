import { ActionIcon, Button, Drawer, Menu } from '@mantine/core';
import {
  IconArrowMerge,
  IconBolt,
  IconDots,
  IconEye,
  IconHistory,
  IconLink,
  IconRoute,
  IconTrash,
  IconUserShare,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useDeferredValue, useRef, useState } from 'react';
import { ApiError } from '../api.ts';
import { startFlow, useStartable } from '../automation/start-flow.ts';
import { MergeWith } from '../duplicates/merge-with.tsx';
import { failureText } from '../failure.ts';
import { viewOf } from '../fields/registry.ts';
import { iconLook, iconOf } from '../icons.ts';
import { ButtonLink } from '../links.tsx';
import { Visitors } from '../live/presence.tsx';
import { MenuButton } from '../menu-button.tsx';
import { fieldOf, recordPath, useMeta } from '../meta.ts';
import { showDone } from '../notify.tsx';
import { type Command, useCommands } from '../palette/commands.ts';
import { useSubjectIs } from '../palette/subject.ts';
import { Tip } from '../tip.tsx';
import { useDelayed } from '../use-delayed.ts';
import { type ObjectMeta, type RecordData, readNamed } from '../wire.ts';
import { useWords } from '../words.ts';
import { AccessDialog } from './access-dialog.tsx';
import { useActions } from './action-dialog.tsx';
import { Attributes } from './attributes.tsx';
import { History } from './history.tsx';
import { useNameHeading, usePeeking } from './peek-context.ts';
import classes from './record.module.css';
import { RecordFrame } from './record-frame.tsx';
import { RecordWalk } from './record-walk.tsx';
import { RelatedList } from './related-list.tsx';
import { removeRecord } from './remove-record.ts';
import { ShareDialog, useMayShare } from './share-dialog.tsx';
import { recordQuery } from './use-record.ts';
import { useSurvivor } from './use-survivor.ts';

/** Title of a record in words. */
export function recordTitle(object: ObjectMeta, record: RecordData): string {
  const field = fieldOf(object, object.title);
  return field ? viewOf(field.type).text(record[object.title], field, object.key) : String(record[object.title] ?? '');
}

/** An act that a page adds to the menu of its record, and to the palette. */
export type RecordAct = Pick<Command, 'key' | 'word' | 'icon' | 'run'>;

/** Acts on the record that its page offers in a menu. */
export function RecordMenu({
  object,
  record,
  acts = [],
  history = false,
}: {
  object: ObjectMeta;
  record: RecordData;
  /** Acts that only this kind of record has, such as the brief of a customer. */
  acts?: readonly RecordAct[];
  /** Whether the page shows the history only on request. */
  history?: boolean;
}): ReactNode {
  const { t, label } = useWords();
  const navigate = useNavigate();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(new URL(recordPath(object, record.id), window.location.href).href);
    showDone(t('record.linkCopied'));
  };
  const peeking = usePeeking();
  const remove = async (): Promise<void> => {
    if (!(await removeRecord(object, record))) return;
    if (peeking) peeking.close();
    else await navigate({ to: '/o/$plural', params: { plural: object.plural } });
  };
  const actions = useMeta().actions.filter((action) => action.object === object.key);
  const { choose, dialog } = useActions(actions, [record.id]);
  const flows = useStartable(object.key);
  const about = recordTitle(object, record);
  const [looking, setLooking] = useState(false);
  // What is never asked for is not there.
  const looked = useRef(false);
  looked.current ||= looking;
  const [merging, setMerging] = useState(false);
  const [explaining, setExplaining] = useState(false);
  const [sharing, setSharing] = useState(false);
  const shareable = useMayShare(object);
  const mergeable = object.duplicates === true && object.verbs.update && object.verbs.delete;
  useCommands([
    ...acts.map((act) => ({ ...act, about })),
    ...actions.map((action) => ({
      key: action.key,
      word: label(`${action.key}.name`),
      about,
      icon: IconBolt,
      run: () => choose(action),
    })),
    ...flows.map((flow) => ({
      key: `start-${flow.id}`,
      word: t('automation.start', { name: flow.name }),
      about,
      icon: IconRoute,
      run: () => void startFlow(flow, { ids: [record.id] }),
    })),
    ...(history ? [{ key: 'history', word: t('record.history'), about, icon: IconHistory, run: () => setLooking(true) }] : []),
    ...(shareable ? [{ key: 'share', word: t('share.open'), about, icon: IconUserShare, run: () => setSharing(true) }] : []),
    { key: 'access', word: t('access.act'), about, icon: IconEye, run: () => setExplaining(true) },
    ...(mergeable ? [{ key: 'merge', word: t('merge.act'), about, icon: IconArrowMerge, run: () => setMerging(true) }] : []),
    { key: 'copy-link', word: t('action.copyLink'), about, icon: IconLink, run: () => void copy() },
    ...(object.verbs.delete
      ? [{ key: 'delete', word: t('action.delete'), about, icon: IconTrash, danger: true, run: () => void remove() }]
      : []),
  ]);
  return (
    <>
      <MenuButton
        position="bottom-end"
        width={200}
        button={(props) => (
          <Tip label={t('record.moreActs')}>
            <ActionIcon {...props} aria-label={t('record.moreActs')}>
              <IconDots size={16} stroke={1.5} />
            </ActionIcon>
          </Tip>
        )}
      >
        {() => (
          <>
            {acts.map(({ key, word, icon: Icon, run }) => (
              <Menu.Item key={key} leftSection={<Icon {...iconLook} />} onClick={run}>
                {word}
              </Menu.Item>
            ))}
            {actions.map((action) => (
              <Menu.Item key={action.key} leftSection={<IconBolt {...iconLook} />} onClick={() => choose(action)}>
                {label(`${action.key}.name`)}
              </Menu.Item>
            ))}
            {flows.map((flow) => (
              <Menu.Item key={flow.id} leftSection={<IconRoute {...iconLook} />} onClick={() => void startFlow(flow, { ids: [record.id] })}>
                {t('automation.start', { name: flow.name })}
              </Menu.Item>
            ))}
            {history && (
              <Menu.Item leftSection={<IconHistory {...iconLook} />} onClick={() => setLooking(true)}>
                {t('record.history')}
              </Menu.Item>
            )}
            {shareable && (
              <Menu.Item leftSection={<IconUserShare {...iconLook} />} onClick={() => setSharing(true)}>
                {t('share.open')}
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconEye {...iconLook} />} onClick={() => setExplaining(true)}>
              {t('access.act')}
            </Menu.Item>
            {mergeable && (
              <Menu.Item leftSection={<IconArrowMerge {...iconLook} />} onClick={() => setMerging(true)}>
                {t('merge.act')}
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconLink {...iconLook} />} onClick={() => void copy()}>
              {t('action.copyLink')}
            </Menu.Item>
            {object.verbs.delete && (
              <Menu.Item color="danger" leftSection={<IconTrash {...iconLook} />} onClick={() => void remove()}>
                {t('action.delete')}
              </Menu.Item>
            )}
          </>
        )}
      </MenuButton>
      {dialog}
      {explaining && <AccessDialog object={object} record={record} onClose={() => setExplaining(false)} />}
      {sharing && <ShareDialog object={object} record={record} onClose={() => setSharing(false)} />}
      {merging && <MergeWith object={object} record={record} onClose={() => setMerging(false)} />}
      {looked.current && (
        <Drawer
          opened={looking}
          onClose={() => setLooking(false)}
          position="right"
          size={480}
          title={t('record.history')}
          closeButtonProps={{ 'aria-label': t('action.close') }}
        >
          <History object={object} id={record.id} />
        </Drawer>
      )}
    </>
  );
}

/** Says why a record is not here, with the way back. */
export function MissingRecord({ object, failure, onRetry }: { object: ObjectMeta; failure: unknown; onRetry: () => void }): ReactNode {
  const { t, plural, inSentence } = useWords();
  const gone = failure instanceof ApiError && failure.status === 404;
  const peeking = usePeeking();
  return (
    <div className={classes.missing} role="alert">
      <p>{gone ? t('record.gone') : failureText(failure)}</p>
      {gone && peeking ? (
        <Button variant="default" onClick={peeking.close}>
          {t('action.close')}
        </Button>
      ) : gone ? (
        <ButtonLink variant="default" to="/o/$plural" params={{ plural: object.plural }}>
          {t('record.backTo', { objects: inSentence(plural(object.key)) })}
        </ButtonLink>
      ) : (
        <Button variant="default" onClick={onRetry}>
          {t('action.retry')}
        </Button>
      )}
    </div>
  );
}

/** The bars of the final layout while the first answer is late. */
export function RecordSkeleton(): ReactNode {
  return (
    <div className={classes.screen} aria-hidden>
      <div className={classes.skeletonHead} />
      <div className={classes.skeletonLines} />
    </div>
  );
}

/** The page of any record: fields, what points to it, who changed it. */
export function RecordScreen({
  object,
  id,
  acts,
  actsOf,
  top,
}: {
  object: ObjectMeta;
  id: string;
  acts?: readonly RecordAct[];
  /** Acts that need the record itself. */
  actsOf?: (record: RecordData) => readonly RecordAct[];
  /** What stands above its columns. */
  top?: (record: RecordData) => ReactNode;
}): ReactNode {
  const { t, plural } = useWords();
  const meta = useMeta();
  const query = useQuery(recordQuery(object.plural, id));
  const late = useDelayed(query.isPending);
  useSurvivor(object, id, query.data, !query.isFetching);
  const Name = useNameHeading();
  const party = object.party && query.data ? readNamed(query.data[object.party]) : null;
  useSubjectIs(party?.id, party?.name ?? '');
  // The first answer is drawn in slices: it may come at any moment, also while somebody types.
  const come = useDeferredValue(query.data !== undefined);
  if (query.isError && !query.data) return <MissingRecord object={object} failure={query.error} onRetry={() => void query.refetch()} />;
  if (!come || !query.data) return late ? <RecordSkeleton /> : null;
  const record = query.data;
  const title = recordTitle(object, record);
  const Icon = iconOf(object.icon);
  const pointing = meta.pointingTo(object.key).filter(({ field }) => !field.hidden);
  const related = (
    <div className={classes.relatedLists}>
      {pointing.map(({ object: other, field }) => (
        <RelatedList
          key={`${other.key}.${field.key}`}
          object={other}
          field={field}
          to={{ id: record.id, name: title }}
          qualified={pointing.filter((one) => one.object === other).length > 1}
          offered={object.key !== 'user'}
        />
      ))}
      {pointing.length === 0 && <p className={`${classes.none} pg-secondary`}>{t('record.noRelated')}</p>}
    </div>
  );
  return (
    <RecordFrame
      factsFirst
      head={
        <header className={classes.head}>
          <Link className={classes.crumb} to="/o/$plural" params={{ plural: object.plural }}>
            <Icon {...iconLook} />
            {plural(object.key)}
          </Link>
          <Name className={classes.name}>{title || t('record.unnamed')}</Name>
          <div className={classes.acts}>
            <RecordWalk object={object} id={id} />
            <Visitors key={id} object={object.key} id={id} />
            <RecordMenu object={object} record={record} acts={actsOf ? actsOf(record) : acts} />
          </div>
        </header>
      }
      top={top?.(record)}
      attributes={<Attributes object={object} record={record} />}
      main={{
        label: t('record.history'),
        body: (
          <div className={classes.mainBody}>
            <h2 className={classes.mainTitle}>{t('record.history')}</h2>
            <History object={object} id={id} />
          </div>
        ),
      }}
      related={{ label: t('record.related'), body: related }}
    />
  );
}
