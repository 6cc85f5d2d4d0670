import { Alert, Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, post } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatList, formatNumber } from '#ui/format.ts';
import { waitForJob } from '#ui/jobs/jobs.ts';
import { showDone } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { useWords } from '#ui/words.ts';
import classes from './personal-data.module.css';

const reasons = ['request', 'retention', 'mistake', 'other'] as const;

interface Part {
  object: string;
  count: number;
}
interface Preview {
  name: string;
  pseudonym: string;
  removed: Part[];
  emptied: Part[];
  kept: Part[];
  files: number;
}

/** Takes a person out for good: what goes, what stays and why stand before the name is typed. */
export function EraseDialog({ party, onClose }: { party: { id: string; name: string }; onClose: () => void }): ReactNode {
  const { t, object, plural, inSentence } = useWords();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const preview = useQuery({
    queryKey: ['erasure', party.id],
    queryFn: ({ signal }) => post<Preview>('/personal-data/erasures/preview', { party: party.id }, signal),
    staleTime: 0,
  });
  const [name, setName] = useState('');
  const [reason, setReason] = useState<string>('request');
  const [working, setWorking] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const right = preview.data !== undefined && name.trim() === preview.data.name.trim();
  const erase = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!right) return;
    setWorking(true);
    setFailure(null);
    try {
      const { job } = await post<{ job: string }>('/personal-data/erasures', { party: party.id, name, reason });
      const ended = await waitForJob(job);
      if (ended.state !== 'done') throw new ApiError(500, 'bug', ended.error ?? t('failure.unexpected'));
      await queryClient.invalidateQueries({ predicate: (query) => !['session', 'meta', 'views'].includes(String(query.queryKey[0])) });
      showDone(t('personalData.erased'));
      onClose();
    } catch (problem) {
      setFailure(problem);
      setWorking(false);
    }
  };
  const each = (list: readonly Part[]): string[] =>
    list.map(({ object: key, count }) => `${formatNumber(count, 0)} ${inSentence(count === 1 ? object(key) : plural(key))}`);
  const parts = (list: readonly Part[]): string => formatList(each(list));
  const { removed = [], files = 0 } = preview.data ?? {};
  const goesToo = [...each(removed), ...(files > 0 ? [t('personalData.files', { count: files })] : [])];
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('personalData.eraseTitle', { name: party.name })}
      size={520}
      fullScreen={phone}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form onSubmit={(event) => void erase(event)}>
        <Stack gap="md">
          {preview.isError && <p role="alert">{failureText(preview.error)}</p>}
          {preview.data && (
            <>
              <Alert color="danger" variant="light">
                {t('personalData.forGood')}
              </Alert>
              <div className={classes.told}>
                <p>{t('personalData.goes')}</p>
                {goesToo.length > 0 && <p>{t('personalData.goesToo', { what: formatList(goesToo) })}</p>}
                {preview.data.emptied.length > 0 && <p>{t('personalData.emptied', { what: parts(preview.data.emptied) })}</p>}
                {preview.data.kept.length > 0 && <p>{t('personalData.kept', { what: parts(preview.data.kept) })}</p>}
                <p>{t('personalData.pseudonym', { name: preview.data.pseudonym })}</p>
                <p className="pg-secondary">{t('personalData.copies')}</p>
              </div>
              <Select
                label={t('personalData.reason')}
                data={reasons.map((value) => ({ value, label: t(`personalData.reasons.${value}`) }))}
                value={reason}
                onChange={(value) => setReason(value ?? 'request')}
                allowDeselect={false}
              />
              <TextInput
                label={t('personalData.typeName', { name: preview.data.name })}
                value={name}
                onChange={(event) => setName(event.currentTarget.value)}
                autoComplete="off"
                data-autofocus
              />
              {failure !== null && <p role="alert">{failureText(failure)}</p>}
            </>
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" color="danger" disabled={!right} loading={working}>
              {t('personalData.erase')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
