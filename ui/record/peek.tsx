import { ActionIcon } from '@mantine/core';
import { IconArrowsDiagonal, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, Suspense, useMemo, useState } from 'react';
import { IconLink } from '../links.tsx';
import { Tip } from '../tip.tsx';
import { useDelayed } from '../use-delayed.ts';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { type RecordBody, recordBody } from './bodies.ts';
import classes from './peek.module.css';
import { PeekContext } from './peek-context.ts';
import { RecordScreen, RecordSkeleton } from './record-screen.tsx';
import { recordQuery } from './use-record.ts';
import { useWalk } from './walk.ts';
import { WalkButtons } from './walk-buttons.tsx';

function useRecordReady(object: ObjectMeta, id: string): boolean {
  const query = useQuery(recordQuery(object.plural, id));
  return query.data !== undefined || query.isError;
}

const general: RecordBody = { Body: RecordScreen, useReady: useRecordReady };

interface Props {
  object: ObjectMeta;
  id: string;
  onClose: () => void;
}

/** A record beside its list: the very screen of its page, narrow, with the ways onwards above it. */
export function Peek({ object, id, onClose }: Props): ReactNode {
  const { t } = useWords();
  const walk = useWalk();
  const { Body, useReady } = recordBody(object.key) ?? general;
  const ready = useReady(object, id);
  const late = useDelayed(!ready);
  // The record before stays until the next has come, or is late.
  const [shown, setShown] = useState(id);
  if (shown !== id && (ready || late)) setShown(id);
  const [tab, setTab] = useState('attributes');
  const peeking = useMemo(() => ({ close: onClose, tab, setTab }), [onClose, tab]);
  return (
    <PeekContext value={peeking}>
      <div className={classes.bar}>
        {walk && <WalkButtons at={walk.at} of={walk.of} previous={walk.previous} next={walk.next} />}
        <div className={classes.barEnd}>
          <Tip label={`${t('peek.open')} (↵)`}>
            <IconLink
              to="/o/$plural/$id"
              params={{ plural: object.plural, id }}
              aria-label={t('peek.open')}
              onClick={(event) => {
                if (!walk || event.ctrlKey || event.metaKey || event.shiftKey) return;
                event.preventDefault();
                walk.open();
              }}
            >
              <IconArrowsDiagonal size={16} stroke={1.5} />
            </IconLink>
          </Tip>
          <Tip label={`${t('action.close')} (Esc)`}>
            <ActionIcon aria-label={t('action.close')} onClick={onClose}>
              <IconX size={16} stroke={1.5} />
            </ActionIcon>
          </Tip>
        </div>
      </div>
      <div className={classes.body} data-peek>
        <Suspense fallback={late ? <RecordSkeleton /> : null}>
          <Body key={shown} object={object} id={shown} />
        </Suspense>
      </div>
    </PeekContext>
  );
}
