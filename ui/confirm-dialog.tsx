import { Alert, Button, Group, Modal } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { failureText } from './failure.ts';
import { useWords } from './words.ts';

interface Props {
  title: string;
  /** The act in a word or two, as on its button. */
  act: string;
  /** It harms nobody who did not mean it. */
  harmless?: boolean;
  size?: number;
  /** Does it; what it fails with is shown here. */
  onAct: () => Promise<unknown>;
  onClose: () => void;
  /** What it means. */
  children: ReactNode;
}

/** Asks before something that cannot be undone. What can be is done at once, and offered to be taken back (`showUndo`). */
export function ConfirmDialog({ title, act, harmless, size = 440, onAct, onClose, children }: Props): ReactNode {
  const { t } = useWords();
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const go = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      await onAct();
      onClose();
    } catch (problem) {
      setFailure(failureText(problem));
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} size={size} closeButtonProps={{ 'aria-label': t('action.close') }}>
      {failure && (
        <Alert color="danger" variant="light" role="alert" mb="md">
          {failure}
        </Alert>
      )}
      {children}
      <Group justify="flex-end" gap="sm" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t('action.cancel')}
        </Button>
        <Button {...(harmless ? {} : { color: 'danger' })} disabled={busy} data-autofocus onClick={() => void go()}>
          {act}
        </Button>
      </Group>
    </Modal>
  );
}
