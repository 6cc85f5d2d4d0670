import { Button, Group, Modal, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ApiError, post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatDateTime, formatSize } from '#ui/format.ts';
import { waitForJob } from '#ui/jobs/jobs.ts';
import { useWords } from '#ui/words.ts';
import classes from './personal-data.module.css';
import { actsQuery } from './personal-data.ts';

/** Everything held about a party in one file, and who took such files before. */
export function PersonExportDialog({ party, onClose }: { party: { id: string; name: string }; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const acts = useQuery(actsQuery(party.id));
  const [working, setWorking] = useState(false);
  const [file, setFile] = useState<{ address: string; size: number } | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const make = async (): Promise<void> => {
    setWorking(true);
    setFailure(null);
    try {
      const { job } = await post<{ job: string }>('/personal-data/exports', { party: party.id });
      const ended = await waitForJob(job);
      if (ended.state !== 'done') throw new ApiError(500, 'bug', ended.error ?? t('failure.unexpected'));
      const made = ended.result as { file: string; size: number };
      setFile({ address: made.file, size: made.size });
      await acts.refetch();
    } catch (problem) {
      setFailure(problem);
    }
    setWorking(false);
  };
  const before = (acts.data ?? []).filter(({ kind }) => kind === 'export');
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('personalData.exportTitle', { name: party.name })}
      size={480}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="md">
        <div className={classes.told}>
          <p>{t('personalData.exportWhat')}</p>
          <p className="pg-secondary">{t('personalData.exportCare')}</p>
        </div>
        {failure !== null && <p role="alert">{failureText(failure)}</p>}
        {before.length > 0 && (
          <div className={classes.told}>
            <p className="pg-secondary">{t('personalData.before')}</p>
            <ul>
              {before.slice(0, 5).map(({ id, at, actor }) => (
                <li key={id}>{t('personalData.byAt', { name: actor.name, at: formatDateTime(at) })}</li>
              ))}
            </ul>
          </div>
        )}
        <Group justify="flex-end" gap="sm" aria-live="polite">
          <Button variant="default" onClick={onClose}>
            {t('action.close')}
          </Button>
          {file ? (
            <Button component="a" href={file.address} download>
              {t('personalData.download', { size: formatSize(file.size) })}
            </Button>
          ) : (
            <Button loading={working} onClick={() => void make()}>
              {t('personalData.make')}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
