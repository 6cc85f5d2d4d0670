import { Button, Checkbox, Group, Modal, MultiSelect, Stack, TextInput } from '@mantine/core';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, request } from '#ui/api.ts';
import { failureText, problemText } from '#ui/failure.ts';
import { useMeta } from '#ui/meta.ts';
import { useWords } from '#ui/words.ts';
import { ACTIONS, refreshWebhooks, type Webhook } from './webhooks.ts';

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
  });
  const [failure, setFailure] = useState<unknown>(null);
  const problems = failure instanceof ApiError ? failure.errors : [];
  const problemAt = (path: string): string | null => {
    const found = problems.find((one) => one.path === path);
    return found ? problemText(found) : null;
  };
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
  const loose = failure !== null && !['name', 'url', 'objects', 'actions'].some((path) => problemAt(path) !== null);
  return (
    <Modal
      opened
      onClose={onClose}
      title={webhook?.name ?? t('webhooks.new')}
      size={520}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="md">
          {loose && <p role="alert">{failureText(failure)}</p>}
          <TextInput
            label={field('webhook', 'name')}
            value={values.name}
            onChange={(event) => setValues({ ...values, name: event.currentTarget.value })}
            error={problemAt('name')}
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
            error={problemAt('url')}
            required
            withAsterisk={false}
          />
          <MultiSelect
            label={field('webhook', 'objects')}
            data={meta.objects.filter(({ key }) => key !== 'webhook').map(({ key }) => ({ value: key, label: plural(key) }))}
            value={values.objects}
            onChange={(objects) => setValues({ ...values, objects })}
            error={problemAt('objects')}
            searchable
          />
          <Checkbox.Group
            label={field('webhook', 'actions')}
            value={values.actions}
            onChange={(actions) => setValues({ ...values, actions })}
            error={problemAt('actions')}
          >
            <Group gap="md" mt={4}>
              {ACTIONS.map((action) => (
                <Checkbox key={action} value={action} label={option('webhook', 'actions', action)} />
              ))}
            </Group>
          </Checkbox.Group>
        </Stack>
        <Group justify="flex-end" gap="sm" mt="lg">
          <Button variant="default" onClick={onClose}>
            {t('action.cancel')}
          </Button>
          <Button type="submit">{t(webhook ? 'action.save' : 'webhooks.create')}</Button>
        </Group>
      </form>
    </Modal>
  );
}
