import { Alert, Button, Group, Modal, Select } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { formatNumber } from '#ui/format.ts';
import { showUndo } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import { fetchPipelines, moveDeals, type Stage } from './pipelines.ts';

/** A stage goes when its opportunities have gone elsewhere: where to is asked, both are done. */
export function RemoveStageDialog({
  stage,
  others,
  deals,
  onClose,
}: {
  stage: Stage;
  others: readonly Stage[];
  deals: number;
  onClose: () => void;
}): ReactNode {
  const { t } = useWords();
  const [to, setTo] = useState<string | null>(others.find((other) => other.category === stage.category)?.id ?? null);
  const [failure, setFailure] = useState<string | null>(null);
  const [working, setWorking] = useState(false);
  const go = async (): Promise<void> => {
    if (!to) return;
    setWorking(true);
    setFailure(null);
    try {
      const left = await moveDeals(stage.id, to);
      if (left !== null) setFailure(left || t('failure.unexpected'));
      else {
        const { cause } = await request('DELETE', `/stages/${stage.id}`);
        showUndo(t('pipelines.removed', { name: stage.name }), cause);
        onClose();
      }
    } catch (problem) {
      setFailure(failureText(problem));
    }
    setWorking(false);
    await fetchPipelines();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('pipelines.remove', { name: stage.name })}
      size={440}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <p>{t('pipelines.removeLead', { count: deals, n: formatNumber(deals, 0) })}</p>
      {failure && (
        <Alert color="danger" variant="light" role="alert" mb="md">
          {failure}
        </Alert>
      )}
      <Select
        label={t('pipelines.moveTo')}
        value={to}
        onChange={setTo}
        data={others.map((other) => ({ value: other.id, label: other.name }))}
        allowDeselect={false}
        data-autofocus
      />
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button disabled={!to} loading={working} onClick={() => void go()}>
          {t('pipelines.moveAndRemove')}
        </Button>
      </Group>
    </Modal>
  );
}
