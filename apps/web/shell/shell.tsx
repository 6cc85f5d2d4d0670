import '@mantine/dates/styles.css';
import '@mantine/notifications/styles.css';
import { DatesProvider } from '@mantine/dates';
import { type HotkeyItem, useHotkeys, useMediaQuery } from '@mantine/hooks';
import { Notifications } from '@mantine/notifications';
import { Outlet, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useCallback, useEffect, useState } from 'react';
import { captureKeys, captureObjects, type Kind, kinds } from '#modules/party/ui/capture.ts';
import { Capture } from '#modules/party/ui/capture-dialog.tsx';
import { onCapture } from '#ui/capture.ts';
import { CreateDialog } from '#ui/form/create-dialog.tsx';
import { firstDayOfWeek } from '#ui/format.ts';
import { useLive } from '#ui/live/use-live.ts';
import { useMeta } from '#ui/meta.ts';
import { actOnLatest } from '#ui/notify.tsx';
import { useSubject } from '#ui/palette/subject.ts';
import { watchTips } from '#ui/tip.tsx';
import { directionOf, useWords } from '#ui/words.ts';
import { BottomBar } from './bottom-bar.tsx';
import { KeyboardHelp } from './keyboard-help.tsx';
import { Palette } from './palette.tsx';
import classes from './shell.module.css';
import { Sidebar } from './sidebar.tsx';

/** The frame around every screen: navigation at the side, on a phone at the bottom. */
export function Shell(): ReactNode {
  const { t, language } = useWords();
  const meta = useMeta();
  const [searching, setSearching] = useState(false);
  const [helping, setHelping] = useState(false);
  const [creating, setCreating] = useState<string | undefined>(undefined);
  const newObject = meta.object(creating);
  useLive();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const search = useCallback((): void => setSearching(true), []);
  useEffect(watchTips, []);
  const [capturing, setCapturing] = useState<Kind | null>(null);
  const mayNote = meta.object('note')?.verbs.create === true && meta.object('task')?.verbs.create === true;
  const captures: HotkeyItem[] = mayNote
    ? kinds
        .filter((kind) => {
          const asks = captureObjects[kind];
          return !asks || meta.object(asks.object)?.verbs[asks.verb] === true;
        })
        .map((kind): HotkeyItem => [captureKeys[kind], () => setCapturing(kind)])
    : [];
  useEffect(() => onCapture((kind) => setCapturing(kinds.find((one) => one === kind) ?? null)), []);
  const navigate = useNavigate();
  useHotkeys([
    ['y', () => void navigate({ to: '/my-day' })],
    ['/', search],
    ['mod+Z', actOnLatest],
    ['shift+?', () => setHelping(true)],
    ...captures,
  ]);
  // From a field, too: nothing is typed with it.
  useHotkeys([['mod+K', search]], []);
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#content">
        {t('shell.skip')}
      </a>
      {!phone && <Sidebar onSearch={search} />}
      <main className={classes.content} id="content" tabIndex={-1}>
        {/* No red weekends: red is for what is late or wrong. Another language draws the page anew, for figures and dates change with it. */}
        <DatesProvider key={language} settings={{ locale: language.split('-')[0], firstDayOfWeek: firstDayOfWeek(), weekendDays: [] }}>
          <Outlet />
        </DatesProvider>
      </main>
      {phone && <BottomBar onSearch={search} />}
      {searching && (
        <Palette
          onClose={() => setSearching(false)}
          onCreate={setCreating}
          onCapture={mayNote ? setCapturing : undefined}
          onHelp={() => setHelping(true)}
        />
      )}
      {helping && <KeyboardHelp onClose={() => setHelping(false)} />}
      {capturing && <CaptureHere kind={capturing} onClose={() => setCapturing(null)} />}
      {newObject && <CreateDialog object={newObject} onClose={() => setCreating(undefined)} />}
      <Notifications position={directionOf(language) === 'rtl' ? 'bottom-right' : 'bottom-left'} limit={4} containerWidth={400} />
    </div>
  );
}

/** What is captured belongs to whom the page is about; asked here, so that the frame is not drawn anew with every page. */
function CaptureHere({ kind, onClose }: { kind: Kind; onClose: () => void }): ReactNode {
  return <Capture kind={kind} subject={useSubject()} onClose={onClose} />;
}
