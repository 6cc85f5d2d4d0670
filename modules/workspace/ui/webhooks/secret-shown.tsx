import { Button, CopyButton, Group, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '#ui/words.ts';
import classes from './webhooks.module.css';

/** The secret that deliveries are signed with, this once. */
export function SecretShown({ name, secret, onClose }: { name: string; secret: string; onClose: () => void }): ReactNode {
  const { t } = useWords();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('webhooks.secretTitle', { name })}
      size={480}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <p>{t('webhooks.secretLead')}</p>
      <code className={classes.secret}>{secret}</code>
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('action.close')}
        </Button>
        <CopyButton value={secret}>
          {({ copied, copy }) => <Button onClick={copy}>{t(copied ? 'webhooks.copied' : 'webhooks.copy')}</Button>}
        </CopyButton>
      </Group>
    </Modal>
  );
}
