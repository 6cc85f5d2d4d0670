import { Button, Group, NumberInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { post, request } from '#ui/api.ts';
import { ConfirmDialog } from '#ui/confirm-dialog.tsx';
import { failureText } from '#ui/failure.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { useMeta } from '#ui/meta.ts';
import { showDone, showFailure } from '#ui/notify.tsx';
import { ActiveSwitch } from '#ui/settings/active-switch.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { ConditionWords } from '../catalogue/condition-words.tsx';
import { Deliveries } from './deliveries.tsx';
import { SecretShown } from './secret-shown.tsx';
import { WebhookForm } from './webhook-form.tsx';
import classes from './webhooks.module.css';
import { readWebhooks, refreshWebhooks, WEBHOOKS, type Webhook } from './webhooks.ts';

/** Which programs are told of changes: kept, tried, told again. */
export function WebhooksScreen(): ReactNode {
  const { t } = useWords();
  const query = useQuery({ queryKey: WEBHOOKS, queryFn: readWebhooks });
  const [editing, setEditing] = useState<Webhook | 'new' | null>(null);
  const [secret, setSecret] = useState<{ name: string; secret: string } | null>(null);
  const show = async (id: string, name: string): Promise<void> => {
    try {
      setSecret({ name, secret: (await post<{ secret: string }>(`/webhooks/${id}/secret`, {})).secret });
    } catch (failure) {
      showFailure(failure);
    }
  };
  return (
    <SettingsFrame title={t('webhooks.title')} acts={<Button onClick={() => setEditing('new')}>{t('webhooks.new')}</Button>}>
      <p className="pg-secondary">{t('webhooks.lead')}</p>
      {query.isError && <p role="alert">{failureText(query.error)}</p>}
      {query.data?.length === 0 && <p>{t('webhooks.none')}</p>}
      {query.data?.map((webhook) => (
        <OneWebhook
          key={webhook.id}
          webhook={webhook}
          onEdit={() => setEditing(webhook)}
          onSecret={() => void show(webhook.id, webhook.name)}
        />
      ))}
      {editing && (
        <WebhookForm
          webhook={editing === 'new' ? null : editing}
          onClose={() => setEditing(null)}
          onMade={(id, name) => void show(id, name)}
        />
      )}
      {secret && <SecretShown {...secret} onClose={() => setSecret(null)} />}
    </SettingsFrame>
  );
}

function OneWebhook({ webhook, onEdit, onSecret }: { webhook: Webhook; onEdit: () => void; onSecret: () => void }): ReactNode {
  const { t, plural, inSentence } = useWords();
  const meta = useMeta();
  const [replaying, setReplaying] = useState(false);
  const [removing, setRemoving] = useState(false);
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
      await refreshWebhooks();
    } catch (failure) {
      showFailure(failure);
    }
  };
  const change = (active: boolean): Promise<void> =>
    attempt(async () => {
      await request('PATCH', `/webhooks/${webhook.id}`, { body: { active } });
    });
  const test = (): Promise<void> =>
    attempt(async () => {
      await post(`/webhooks/${webhook.id}/test`, {});
      showDone(t('webhooks.tested'));
    });
  const remove = async (): Promise<void> => {
    await request('DELETE', `/webhooks/${webhook.id}`);
    showDone(t('webhooks.deleted', { name: webhook.name }));
    await refreshWebhooks();
  };
  const about = meta.object(webhook.objects[0] ?? '');
  const objects = webhook.objects
    .map((key) => (meta.object(key) ? plural(key) : key))
    .map((word, i) => (i === 0 ? word : inSentence(word)));
  return (
    <SettingsPart
      wide
      title={webhook.name}
      acts={
        <ActiveSwitch
          active={webhook.active}
          label={t('webhooks.switch', { name: webhook.name })}
          onChange={(active) => void change(active)}
        />
      }
    >
      <code className={classes.url}>{webhook.url}</code>
      <p className="pg-secondary">
        {new Intl.ListFormat(document.documentElement.lang || 'en').format(objects)}
        {webhook.actsFor && ` · ${t('webhooks.actsFor', { name: webhook.actsFor.name ?? '' })}`}
      </p>
      {webhook.condition !== null && about && <ConditionWords object={about} condition={webhook.condition} />}
      {webhook.problem && (
        <p role="alert" className={classes.problem}>
          {webhook.problem}
        </p>
      )}
      <Group gap="xs" mb="sm">
        <Button size="compact" variant="default" onClick={onEdit}>
          {t('webhooks.edit')}
        </Button>
        <Button size="compact" variant="default" onClick={() => void test()}>
          {t('webhooks.test')}
        </Button>
        <Button size="compact" variant="default" onClick={() => setReplaying(true)} disabled={!webhook.active}>
          {t('webhooks.replay')}
        </Button>
        <Button size="compact" variant="default" onClick={onSecret}>
          {t('webhooks.secret')}
        </Button>
        <Button size="compact" variant="subtle" color="danger" onClick={() => setRemoving(true)}>
          {t('webhooks.delete')}
        </Button>
      </Group>
      <Deliveries webhook={webhook.id} />
      {removing && (
        <ConfirmDialog
          title={t('webhooks.deleteTitle', { name: webhook.name })}
          act={t('webhooks.deleteAct')}
          onAct={remove}
          onClose={() => setRemoving(false)}
        >
          <p>{t('webhooks.deleteLead')}</p>
        </ConfirmDialog>
      )}
      {replaying && <Replay webhook={webhook.id} onClose={() => setReplaying(false)} />}
    </SettingsPart>
  );
}

function Replay({ webhook, onClose }: { webhook: string; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const [after, setAfter] = useState<number | string>(0);
  const [failure, setFailure] = useState<unknown>(null);
  const refusal = refusalOf(failure, ['after']);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    try {
      const { to } = await post<{ to: number }>(`/webhooks/${webhook}/replay`, { after: Number(after) });
      showDone(t('webhooks.replayed', { to }));
      onClose();
      await refreshWebhooks();
    } catch (problem) {
      setFailure(problem);
    }
  };
  return (
    <FormDialog
      title={t('webhooks.replayTitle')}
      size={440}
      failure={refusal.whole}
      act={t('webhooks.replay')}
      waits={after === ''}
      onSubmit={submit}
      onClose={onClose}
    >
      <NumberInput
        label={t('webhooks.replayAfter')}
        description={t('webhooks.replayHint')}
        value={after}
        onChange={setAfter}
        min={0}
        allowDecimal={false}
        error={refusal.at('after')}
        data-autofocus
      />
    </FormDialog>
  );
}
