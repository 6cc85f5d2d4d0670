import { Checkbox, Group, MultiSelect, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { useMeta } from '#ui/meta.ts';
import { useWords } from '#ui/words.ts';
import { ConditionInput } from '../catalogue/condition-input.tsx';
import { ACTIONS, commonOf, refreshWebhooks, type Webhook } from './webhooks.ts';

interface Props {
  /** None: a new one. */
  webhook: Webhook | null;
  onClose: () => void;
  onMade: (id: string, name: string) => void;
}

/** What a webhook tells and where to. */
export function WebhookForm({ webhook, onClose, onMade }: Props): ReactNode {
  const { t, plural, field, option } = useWords();
  const meta = useMeta();
  const [values, setValues] = useState({
    name: webhook?.name ?? '',
    url: webhook?.url ?? '',
    objects: webhook?.objects ?? [],
    actions: webhook?.actions ?? [...ACTIONS],
    condition: webhook?.condition ?? null,
  });
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['name', 'url', 'objects', 'actions', 'condition']);
  const common = commonOf(meta.objects.filter(({ key }) => values.objects.includes(key)));
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const { data } = await request<{ id: string }>(webhook ? 'PATCH' : 'POST', webhook ? `/webhooks/${webhook.id}` : '/webhooks', {
        body: values,
      });
      await refreshWebhooks();
      onClose();
      if (!webhook) onMade(data.id, values.name);
    } catch (problem) {
      setFailure(problem);
    }
  };
  return (
    <FormDialog
      title={webhook?.name ?? t('webhooks.new')}
      failure={refusal.whole}
      act={t(webhook ? 'action.save' : 'webhooks.create')}
      onSubmit={submit}
      onClose={onClose}
    >
      <TextInput
        label={field('webhook', 'name')}
        value={values.name}
        onChange={(event) => setValues({ ...values, name: event.currentTarget.value })}
        error={refusal.at('name')}
        required
        withAsterisk={false}
        data-autofocus
      />
      <TextInput
        label={field('webhook', 'url')}
        description={t('webhooks.urlHint')}
        type="url"
        value={values.url}
        onChange={(event) => setValues({ ...values, url: event.currentTarget.value })}
        error={refusal.at('url')}
        required
        withAsterisk={false}
      />
      <MultiSelect
        label={field('webhook', 'objects')}
        data={meta.objects.filter(({ key }) => key !== 'webhook').map(({ key }) => ({ value: key, label: plural(key) }))}
        value={values.objects}
        onChange={(objects) => setValues({ ...values, objects })}
        error={refusal.at('objects')}
        searchable
      />
      <Checkbox.Group
        label={field('webhook', 'actions')}
        value={values.actions}
        onChange={(actions) => setValues({ ...values, actions })}
        error={refusal.at('actions')}
      >
        <Group gap="md" mt={4}>
          {ACTIONS.map((action) => (
            <Checkbox key={action} value={action} label={option('webhook', 'actions', action)} />
          ))}
        </Group>
      </Checkbox.Group>
      {common && (
        <ConditionInput
          key={common.key}
          object={common}
          label={field('webhook', 'condition')}
          empty={t('webhooks.always')}
          value={values.condition ?? undefined}
          onChange={(condition) => setValues({ ...values, condition: condition ?? null })}
          error={refusal.at('condition')}
          counts
        />
      )}
    </FormDialog>
  );
}
