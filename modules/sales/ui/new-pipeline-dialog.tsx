import { Select, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { failureText } from '#ui/failure.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { showUndo } from '#ui/notify.tsx';
import { useWords } from '#ui/words.ts';
import { fetchPipelines, type Pipeline } from './pipelines.ts';

/** A new pipeline, with the stages of one that is there. */
export function NewPipelineDialog({ pipelines, onClose }: { pipelines: readonly Pipeline[]; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const [name, setName] = useState('');
  const [from, setFrom] = useState<string | null>((pipelines.find((one) => one.isDefault) ?? pipelines[0])?.id ?? null);
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const values = { name: name.trim() };
      const { cause } = from
        ? await request('POST', '/actions/copyPipeline', { body: { ids: [from], ...values } })
        : await request('POST', '/pipelines', { body: values });
      showUndo(t('pipelines.made', values), cause, () => void fetchPipelines());
      onClose();
    } catch (problem) {
      setFailure(failureText(problem));
    }
    await fetchPipelines();
  };
  return (
    <FormDialog
      title={t('pipelines.new')}
      size={440}
      failure={null}
      act={t('pipelines.create')}
      waits={name.trim() === ''}
      onSubmit={submit}
      onClose={onClose}
    >
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
        label={t('pipelines.stagesOf')}
        value={from}
        onChange={setFrom}
        data={pipelines.map((pipeline) => ({ value: pipeline.id, label: pipeline.name }))}
        clearable
        placeholder={t('pipelines.noStages')}
      />
    </FormDialog>
  );
}
