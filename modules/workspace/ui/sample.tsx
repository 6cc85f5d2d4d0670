import { Button, Checkbox, Group, Modal } from '@mantine/core';
import { useLocation } from '@tanstack/react-router';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { formatNumber } from '#ui/format.ts';
import { waitForJob } from '#ui/jobs/jobs.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { askSample, loadSample, removeSample, type SampleStatus, useSample } from '#ui/sample/sample.ts';
import { SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import classes from './settings.module.css';

/** What is the company's own and hangs on the sample, first; then the removal. */
function RemoveDialog({ sample, onClose }: { sample: SampleStatus; onClose: (removing: boolean) => void }): ReactNode {
  const { t, plural } = useWords();
  const [choice, setChoice] = useState<Record<string, 'keep' | 'remove'>>({});
  const [busy, setBusy] = useState(false);
  const keys = sample.groups.map((group) => group.key);
  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      const id = await removeSample(
        keys.filter((key) => choice[key] !== 'remove'),
        keys.filter((key) => choice[key] === 'remove'),
      );
      onClose(true);
      const job = await waitForJob(id);
      await queryClient.invalidateQueries();
      if (job.state === 'done') showDone(t('sample.removed'));
    } catch (failure) {
      setBusy(false);
      await askSample();
      showFailure(failure);
    }
  };
  return (
    <Modal
      opened
      onClose={() => onClose(false)}
      title={t('sample.remove')}
      size={560}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {sample.groups.length > 0 && (
        <>
          <p>{t('sample.own')}</p>
          <ul className={classes.groups}>
            {sample.groups.map((group) => (
              <li key={group.key}>
                <div>
                  <span className={classes.strong}>{plural(group.object)}</span>
                  <p className="pg-secondary">
                    {t(group.kind === 'hanging' ? 'sample.hanging' : 'sample.changed', { count: group.count })}
                    {': '}
                    {group.examples.map(({ title }) => title).join(', ')}
                    {group.count > group.examples.length && ' …'}
                  </p>
                </div>
                <Checkbox
                  label={t('sample.keep')}
                  aria-label={`${t('sample.keep')}: ${plural(group.object)}`}
                  checked={choice[group.key] !== 'remove'}
                  onChange={(event) => {
                    const kept = event.currentTarget.checked;
                    setChoice((held) => ({ ...held, [group.key]: kept ? 'keep' : 'remove' }));
                  }}
                />
              </li>
            ))}
          </ul>
        </>
      )}
      <p>{t('sample.removeLead')}</p>
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" onClick={() => onClose(false)}>
          {t('action.cancel')}
        </Button>
        <Button color="danger" disabled={busy} onClick={() => void remove()}>
          {t('sample.removeAct', { n: formatNumber(sample.total) })}
        </Button>
      </Group>
    </Modal>
  );
}

/** In the settings: loads the sample company, or says that it is here and takes it away. */
export function Sample(): ReactNode {
  const { t, plural, inSentence } = useWords();
  const sample = useSample();
  const [removing, setRemoving] = useState(false);
  const part = useRef<HTMLElement>(null);
  const { hash } = useLocation();
  const known = sample !== null;
  useEffect(() => {
    if (known && hash === 'sample') part.current?.scrollIntoView({ block: 'center' });
  }, [known, hash]);
  if (!sample) return null;
  const working = sample.state === 'loading' || sample.state === 'removing';
  const load = async (): Promise<void> => {
    try {
      const job = await waitForJob(await loadSample());
      await queryClient.invalidateQueries();
      if (job.state === 'done') showDone(t('sample.loaded'));
    } catch (failure) {
      showFailure(failure);
    }
  };
  const parts = ['party', 'opportunity', 'order', 'invoice', 'case', 'interaction']
    .filter((key) => (sample.counts[key] ?? 0) > 0)
    .map((key) => `${formatNumber(sample.counts[key] ?? 0)} ${inSentence(plural(key))}`);
  const open = async (): Promise<void> => {
    await askSample();
    setRemoving(true);
  };
  return (
    <SettingsPart title={t('sample.title')} ref={part}>
      {sample.state === 'none' && (
        <>
          <p className="pg-secondary">{t('sample.loadHint')}</p>
          <Button variant="default" onClick={() => void load()}>
            {t('sample.load')}
          </Button>
        </>
      )}
      {working && <p role="status">{sample.state === 'loading' ? t('sample.loading') : t('sample.removing')}</p>}
      {(sample.state === 'loaded' || sample.state === 'broken') && (
        <>
          <p className="pg-secondary">
            {sample.state === 'broken'
              ? t('sample.unfinished')
              : t('sample.here', { n: formatNumber(sample.total), parts: parts.join(', ') })}
          </p>
          <Button variant="default" onClick={() => void open()}>
            {t('sample.remove')}
          </Button>
        </>
      )}
      {removing && <RemoveDialog sample={sample} onClose={() => setRemoving(false)} />}
    </SettingsPart>
  );
}
