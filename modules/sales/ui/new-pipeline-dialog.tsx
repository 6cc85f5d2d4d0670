import { Button, Group, Modal, Select, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { showAct } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import { fetchPipelines, type Pipeline, type Stage, writeStages } from './pipelines.ts';

/** A new pipeline, with the stages of one that is there. */
export function NewPipelineDialog({
  pipelines,
  stages,
  onClose,
}: {
  pipelines: readonly Pipeline[];
  stages: readonly Stage[];
  onClose: () => void;
}): ReactNode {
  const { t } = useWords();
  const [name, setName] = useState('');
  const [from, setFrom] = useState<string | null>((pipelines.find((one) => one.isDefault) ?? pipelines[0])?.id ?? null);
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const { data } = await request<Pipeline>('POST', '/pipelines', { body: { name: name.trim() } });
      const copied = stages.filter((stage) => stage.pipeline.id === from);
      if (copied.length > 0)
        await writeStages(
          copied.map(({ name: word, category, probability }, at) => ({
            op: 'create',
            values: { name: word, category, probability, pipeline: data.id, position: at + 1 },
          })),
        );
      // Its stages were made after it, so it is taken back by going, and takes them along.
      showAct(t('pipelines.made', { name: data.name }), t('action.undo'), async () => {
        await request('DELETE', `/pipelines/${data.id}`);
        await fetchPipelines();
      });
      onClose();
    } catch (problem) {
      setFailure(failureText(problem));
    }
    await fetchPipelines();
  };
  return (
    <Modal opened onClose={onClose} title={t('pipelines.new')} size={440} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void submit(event)}>
        <TextInput
          label={t('pipelines.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={failure}
          maxLength={100}
          required
          withAsterisk={false}
          data-autofocus
        />
        <Select
          mt="md"
          label={t('pipelines.stagesOf')}
          value={from}
          onChange={setFrom}
          data={pipelines.map((pipeline) => ({ value: pipeline.id, label: pipeline.name }))}
          clearable
          placeholder={t('pipelines.noStages')}
        />
        <Group justify="flex-end" gap="sm" mt="lg">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit" disabled={name.trim() === ''}>
            {t('pipelines.create')}
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
