import { Alert, Button, Group, Modal, Stack } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { FormEvent, ReactNode } from 'react';
import { useWords } from '../words.ts';

/** Narrower ones hold a line or two, and stay a dialog on a phone. */
const WHOLE_SCREEN_FROM = 520;

interface Props {
  title: ReactNode;
  /** What went wrong with the whole of it; what is wrong with one control stands there (`refusal.ts`). */
  failure: string | null;
  /** What sending does. */
  act: string;
  /** It cannot be sent now: it is under way, or something is missing. */
  waits?: boolean;
  /** Another act than sending it, such as removing what it is about. */
  aside?: ReactNode;
  size?: number;
  onSubmit: (event: FormEvent) => Promise<void>;
  onClose: () => void;
  children: ReactNode;
}

/**
 * A dialog in which something is made or changed: head, failure and foot around its controls; a long one is the whole screen on a phone.
 * Ctrl Enter sends it from any control, a text of several lines included.
 */
export function FormDialog({ title, failure, act, waits, aside, size = 520, onSubmit, onClose, children }: Props): ReactNode {
  const { t } = useWords();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      size={size}
      fullScreen={phone && size >= WHOLE_SCREEN_FROM}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {/* What is wrong is said by the server, at its field and in the reader's language, never in a bubble of the browser. */}
      <form
        onSubmit={(event) => void onSubmit(event)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || waits || event.defaultPrevented) return;
          event.preventDefault();
          event.currentTarget.requestSubmit();
        }}
        noValidate
      >
        <Stack gap="md">
          {failure && (
            <Alert color="danger" variant="light" role="alert">
              {failure}
            </Alert>
          )}
          {children}
          <Group justify="space-between" gap="sm">
            <div>{aside}</div>
            <Group gap="sm">
              <Button variant="default" onClick={onClose}>
                {t('action.cancel')}
              </Button>
              <Button type="submit" disabled={waits ?? false}>
                {act}
              </Button>
            </Group>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
