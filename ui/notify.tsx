import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import { failureText } from './failure.ts';
import { undoCause } from './jobs/jobs.ts';
import { queryClient } from './query-client.ts';
import { words } from './words.ts';

function Line({ message, act, onAct }: { message: string; act: string; onAct: () => void }): ReactNode {
  return (
    <Group justify="space-between" wrap="nowrap" gap="lg">
      <span>{message}</span>
      <Button size="compact" variant="subtle" onClick={onAct}>
        {act}
      </Button>
    </Group>
  );
}

/** Says that something happened that needs no act. */
export function showDone(message: string): void {
  notifications.show({ message, color: 'gray', withCloseButton: false, autoClose: 4000 });
}

/** The acts that stand on screen now, the latest last: a key reaches what lies behind the whole page for Tab. */
const offered = new Map<string, () => Promise<void>>();

/** Does what the latest notice on screen offers, such as taking back what was just done. */
export function actOnLatest(): void {
  void [...offered.values()].at(-1)?.();
}

/** Says what was done and offers for 8 seconds one act, such as taking it back. */
export function showAct(message: string, act: string, onAct: () => Promise<void>): void {
  const id = `act-${crypto.randomUUID()}`;
  const run = async (): Promise<void> => {
    offered.delete(id);
    notifications.hide(id);
    try {
      await onAct();
    } catch (failure) {
      showFailure(failure);
    }
  };
  offered.set(id, run);
  notifications.show({
    id,
    color: 'gray',
    withCloseButton: false,
    autoClose: 8000,
    onClose: () => offered.delete(id),
    message: <Line message={message} act={act} onAct={() => void run()} />,
  });
}

/** How a notice is closed that stays until somebody has read it. */
const closing = () => ({ closeButtonProps: { 'aria-label': words().t('action.close') } });

/** Says what failed; it stays until it is read. */
export function showFailure(failure: unknown, retry?: () => void): void {
  const id = `failure-${Date.now()}`;
  const message = failureText(failure);
  notifications.show({
    id,
    color: 'danger',
    ...closing(),
    autoClose: retry ? false : 10_000,
    message: retry ? (
      <Line
        message={message}
        act={words().t('action.retry')}
        onAct={() => {
          notifications.hide(id);
          retry();
        }}
      />
    ) : (
      message
    ),
  });
}

/** Says in these words what failed. */
export function showFailureText(message: string): void {
  notifications.show({ message, color: 'danger', ...closing(), autoClose: 10_000 });
}

/** Says what was done and offers for 8 seconds to take it back. */
export function showUndo(message: string, cause: string | null, onUndone?: () => void): void {
  if (!cause) {
    showDone(message);
    return;
  }
  showAct(message, words().t('action.undo'), async () => {
    const report = await undoCause(cause);
    await queryClient.invalidateQueries();
    if (report && report.conflictCount > 0) showFailureText(words().t('undo.kept', { count: report.conflictCount }));
    onUndone?.();
  });
}
