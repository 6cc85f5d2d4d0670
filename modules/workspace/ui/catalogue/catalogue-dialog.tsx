import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { FormEvent, ReactNode } from 'react';
import { useWords } from '#ui/words.ts';

interface Props {
  title: string;
  /** What went wrong with the whole of it; what is wrong with one control stands there. */
  failure: string | null;
  /** What sending does. */
  act: string;
  saving: boolean;
  onSubmit: (event: FormEvent) => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

/** The dialog in which objects and fields are made: head, failure and foot around its controls; the whole screen on a phone. */
export function CatalogueDialog({ title, failure, act, saving, onSubmit, onClose, children }: Props): ReactNode {
  const { t } = useWords();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  return (
    <Modal opened onClose={onClose} title={title} size={560} fullScreen={phone} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void onSubmit(event)} noValidate>
        <Stack gap="md">
          {failure && (
            <Alert color="danger" variant="light" role="alert">
              {failure}
            </Alert>
          )}
          {children}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" disabled={saving}>
              {act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
