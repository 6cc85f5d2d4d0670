import { Button, Group, Modal, Stack } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { type FormEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { ApiError, request } from '../api.ts';
import { problemText } from '../failure.ts';
import { viewOf } from '../fields/registry.ts';
import { formatNumber } from '../format.ts';
import { jobIdOf, waitForJob } from '../jobs/jobs.ts';
import { showFailure, showUndo } from '../notify.tsx';
import { queryClient } from '../query-client.ts';
import type { ActionMeta } from '../wire.ts';
import { useWords, words } from '../words.ts';
import { actionPart } from './action-parts.ts';

/** Runs a declared action on records; says what was done, with the way back. Throws what the server refuses. */
export async function runAction(action: ActionMeta, ids: readonly string[], input: Record<string, unknown>, key: string): Promise<void> {
  const answer = await request<unknown>('POST', `/actions/${action.key}`, {
    body: { ...(ids.length > 0 ? { ids } : {}), ...input },
    headers: { 'idempotency-key': key },
  });
  const id = jobIdOf(answer);
  if (id !== null) {
    const job = await waitForJob(id);
    if (job.state !== 'done') throw new ApiError(500, 'bug', job.error ?? words().t('failure.unexpected'));
  }
  await queryClient.invalidateQueries({ predicate: (query) => !['session', 'meta', 'views'].includes(String(query.queryKey[0])) });
  const { t, label } = words();
  showUndo(
    ids.length > 1
      ? t('act.doneMany', { act: label(`${action.key}.name`), n: formatNumber(ids.length, 0) })
      : t('act.done', { act: label(`${action.key}.name`) }),
    answer.cause,
  );
}

/** Whether an action asks for nothing and can be done at once. */
export function asksNothing(action: ActionMeta, preset: Record<string, unknown> = {}): boolean {
  return action.input.every((field) => field.key in preset);
}

interface Props {
  action: ActionMeta;
  ids: readonly string[];
  /** Input that where it was opened knows already, such as the customer. */
  preset?: Record<string, unknown>;
  onClose: () => void;
  onDone?: () => void;
}

/** Asks for what an action needs: the declared input, problems at their fields. */
export function ActionDialog({ action, ids, preset = {}, onClose, onDone }: Props): ReactNode {
  const { t, label, field: fieldWord } = useWords();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const { Above, useAmong } = actionPart(action.key);
  const among = useAmong(ids);
  const fields = action.input
    .filter((field) => !(field.key in preset))
    .map((field) => (among[field.key] === undefined ? field : { ...field, among: among[field.key] }));
  const [values, setValues] = useState<Record<string, unknown>>(() =>
    Object.fromEntries(fields.filter((field) => field.default !== undefined).map((field) => [field.key, field.default])),
  );
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const key = useMemo(() => crypto.randomUUID(), []);
  const form = useRef<HTMLFormElement>(null);
  const name = label(`${action.key}.name`);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setErrors({});
    const input: Record<string, unknown> = { ...preset };
    for (const field of fields) {
      const value = viewOf(field.type).write(values[field.key] ?? null, field);
      if (value !== null) input[field.key] = value;
    }
    try {
      await runAction(action, ids, input, key);
      onClose();
      onDone?.();
    } catch (failure) {
      const own =
        failure instanceof ApiError
          ? Object.fromEntries(failure.errors.map((one) => [one.path.split('.')[0] ?? '', problemText(one)]))
          : {};
      setErrors(own);
      if (!fields.some((field) => field.key in own)) showFailure(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={name} size={480} fullScreen={phone} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form
        ref={form}
        noValidate
        onSubmit={(event) => void submit(event)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) form.current?.requestSubmit();
        }}
      >
        <Stack gap="md">
          {Above && <Above ids={ids} />}
          {fields.map((field, index) => {
            const { Edit } = viewOf(field.type);
            const word = fieldWord(action.key, field.key);
            return (
              <Edit
                key={field.key}
                value={values[field.key] ?? null}
                onChange={(value) => setValues((was) => ({ ...was, [field.key]: value }))}
                field={field}
                object={action.key}
                label={word}
                ariaLabel={word}
                error={errors[field.key]}
                required={field.required}
                autoFocus={index === 0}
              />
            );
          })}
          <Group justify="flex-end" gap="sm" mt="xs">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" disabled={busy} data-autofocus={fields.length === 0 || undefined}>
              {name}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The declared actions on records of an object, and the dialog of the one that was chosen. */
export function useActions(
  actions: readonly ActionMeta[],
  ids: readonly string[],
  onDone?: () => void,
): { choose: (action: ActionMeta) => void; dialog: ReactNode } {
  const [chosen, setChosen] = useState<ActionMeta | null>(null);
  const choose = (action: ActionMeta): void => {
    if (!asksNothing(action) || actionPart(action.key).Above) {
      setChosen(action);
      return;
    }
    void runAction(action, ids, {}, crypto.randomUUID()).then(onDone, showFailure);
  };
  const dialog =
    chosen && actions.includes(chosen) ? (
      <ActionDialog key={chosen.key} action={chosen} ids={ids} onClose={() => setChosen(null)} onDone={onDone} />
    ) : null;
  return { choose, dialog };
}
