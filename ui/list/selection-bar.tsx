import { Button, Group, Popover, ScrollArea, Stack, TextInput, UnstyledButton } from '@mantine/core';
import { IconBolt, IconPencil, IconRoute, IconTrash, IconX } from '@tabler/icons-react';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError } from '../api.ts';
import { startFlow, useStartable } from '../automation/start-flow.ts';
import { StartFlowButton } from '../automation/start-flow-button.tsx';
import { failureText, problemText } from '../failure.ts';
import { viewOf } from '../fields/registry.ts';
import { formatCount, formatNumber } from '../format.ts';
import { iconLook } from '../icons.ts';
import { listFields, useMeta } from '../meta.ts';
import { showFailure } from '../notify.tsx';
import { useCommands } from '../palette/commands.ts';
import { useActions } from '../record/action-dialog.tsx';
import { Tip } from '../tip.tsx';
import type { FieldMeta, Named, ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { changeAll } from './bulk.ts';
import classes from './list.module.css';
import type { Selection } from './selection.ts';

interface Props {
  object: ObjectMeta;
  selection: Selection;
  /** Rows that were fetched, and how many there are in all. */
  loaded: number;
  count: { value: number; exact: boolean } | undefined;
  /** The condition that says what is selected. */
  where: unknown;
  onAll: () => void;
  onClear: () => void;
}

/** What can be done with all selected records; stands where the filters are while something is selected. */
export function SelectionBar({ object, selection, loaded, count, where, onAll, onClear }: Props): ReactNode {
  const { t, plural, label, inSentence } = useWords();
  const chosen = selection.kind === 'all' ? (count?.value ?? 0) : selection.ids.size;
  const said = selection.kind === 'all' && count ? formatCount(count) : formatNumber(chosen);
  const more = selection.kind === 'some' && count !== undefined && count.value > selection.ids.size && selection.ids.size > 1;
  const remove = async (): Promise<void> => {
    try {
      await changeAll(object, where, { delete: true });
      onClear();
    } catch (failure) {
      showFailure(failure);
    }
  };
  // Actions take ids: of what was selected row by row.
  const ids = selection.kind === 'some' ? [...selection.ids] : [];
  const actions = useMeta().actions.filter((action) => action.object === object.key && (action.bulk || ids.length === 1) && ids.length > 0);
  const { choose, dialog } = useActions(actions, ids, onClear);
  const flows = useStartable(object.key);
  const start = (flow: Named): void => {
    void startFlow(flow, selection.kind === 'some' ? { ids } : { where });
    onClear();
  };
  useCommands([
    ...actions.map((action) => ({
      key: action.key,
      word: label(`${action.key}.name`),
      about: said,
      icon: IconBolt,
      run: () => choose(action),
    })),
    ...flows.map((flow) => ({
      key: `start-${flow.id}`,
      word: t('automation.start', { name: flow.name }),
      about: said,
      icon: IconRoute,
      run: () => start(flow),
    })),
    ...(object.verbs.update
      ? [
          {
            key: 'edit-all',
            word: t('bulk.change', { count: chosen, n: said }),
            icon: IconPencil,
            run: () => setTimeout(() => document.querySelector<HTMLButtonElement>('[data-hotkey="edit-all"]')?.click(), 50),
          },
        ]
      : []),
    ...(object.verbs.delete
      ? [{ key: 'delete-all', word: t('bulk.delete', { count: chosen, n: said }), icon: IconTrash, danger: true, run: () => void remove() }]
      : []),
    { key: 'clear-selection', word: t('bulk.clear'), icon: IconX, shortcut: 'Esc', run: onClear },
  ]);
  return (
    <section className={classes.selectionBar} aria-label={t('bulk.title')}>
      <span className={classes.selectionCount} role="status">
        {t('bulk.selected', { count: chosen, n: said })}
      </span>
      {more && (
        <Button size="compact" variant="subtle" onClick={onAll}>
          {t('bulk.selectAll', { n: count ? formatCount(count) : formatNumber(loaded), objects: inSentence(plural(object.key)) })}
        </Button>
      )}
      {object.verbs.update && <EditAll object={object} where={where} count={chosen} said={said} onDone={onClear} />}
      {actions.map((action) => (
        <Button
          key={action.key}
          size="compact"
          variant="subtle"
          color="gray"
          leftSection={<IconBolt {...iconLook} />}
          onClick={() => choose(action)}
        >
          {label(`${action.key}.name`)}
        </Button>
      ))}
      {dialog}
      <StartFlowButton flows={flows} onStart={start} />
      {object.verbs.delete && (
        <Button size="compact" variant="subtle" color="danger" leftSection={<IconTrash {...iconLook} />} onClick={() => void remove()}>
          {t('bulk.delete', { count: chosen, n: said })}
        </Button>
      )}
      <Tip label={`${t('bulk.clear')} (Esc)`}>
        <UnstyledButton className={classes.selectionClear} aria-label={t('bulk.clear')} onClick={onClear}>
          <IconX {...iconLook} />
        </UnstyledButton>
      </Tip>
    </section>
  );
}

/** Gives one field of all selected records the same value. */
function EditAll({
  object,
  where,
  count,
  said,
  onDone,
}: {
  object: ObjectMeta;
  where: unknown;
  count: number;
  said: string;
  onDone: () => void;
}): ReactNode {
  const { t, field: fieldWord } = useWords();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [field, setField] = useState<FieldMeta | null>(null);
  const [value, setValue] = useState<unknown>(null);
  const [error, setError] = useState<string | undefined>(undefined);
  const [busy, setBusy] = useState(false);
  const fields = listFields(object).filter(
    (one) =>
      !one.readOnly &&
      !viewOf(one.type).derived &&
      one.key !== object.title &&
      fieldWord(object.key, one.key).toLowerCase().includes(typed.trim().toLowerCase()),
  );
  const close = (): void => {
    setOpen(false);
    setField(null);
    setValue(null);
    setError(undefined);
    setTyped('');
  };
  const choose = (one: FieldMeta): void => {
    setField(one);
    setValue(null);
    setError(undefined);
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!field || busy) return;
    setBusy(true);
    try {
      await changeAll(object, where, { set: { [field.key]: viewOf(field.type).write(value, field) } });
      close();
      onDone();
    } catch (failure) {
      const own = failure instanceof ApiError ? failure.errors.find((one) => one.path.startsWith(`set.${field.key}`)) : undefined;
      setError(own ? problemText(own) : failureText(failure));
    } finally {
      setBusy(false);
    }
  };
  const Edit = field ? viewOf(field.type).Edit : null;
  return (
    <Popover
      opened={open}
      onChange={(next) => (next ? setOpen(true) : close())}
      position="bottom-start"
      width={field ? 320 : 240}
      trapFocus
    >
      <Popover.Target>
        <Button
          size="compact"
          variant="subtle"
          color="gray"
          leftSection={<IconPencil {...iconLook} />}
          aria-expanded={open}
          data-hotkey="edit-all"
          onClick={() => (open ? close() : setOpen(true))}
        >
          {t('bulk.edit')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={field ? 'md' : 'xs'}>
        {field && Edit ? (
          <form onSubmit={(event) => void submit(event)}>
            <Stack gap="sm">
              <Edit
                value={value}
                onChange={setValue}
                field={field}
                object={object.key}
                label={fieldWord(object.key, field.key)}
                ariaLabel={fieldWord(object.key, field.key)}
                error={error}
                autoFocus
              />
              <Group justify="space-between" wrap="nowrap">
                <Button size="compact" variant="subtle" color="gray" onClick={() => setField(null)}>
                  {t('bulk.otherField')}
                </Button>
                <Button size="compact" type="submit" disabled={busy}>
                  {viewOf(field.type).isEmpty(value, field) ? t('bulk.empty', { count, n: said }) : t('bulk.change', { count, n: said })}
                </Button>
              </Group>
            </Stack>
          </form>
        ) : (
          <>
            <TextInput
              aria-label={t('filter.field')}
              placeholder={t('filter.field')}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && fields[0]) {
                  event.preventDefault();
                  choose(fields[0]);
                }
              }}
              data-autofocus
              mb={4}
            />
            <ScrollArea.Autosize mah={320}>
              {fields.map((one) => (
                <UnstyledButton key={one.key} className={classes.menuRow} onClick={() => choose(one)}>
                  {fieldWord(object.key, one.key)}
                </UnstyledButton>
              ))}
              {fields.length === 0 && <div className={`${classes.menuRow} pg-secondary`}>{t('filter.noField')}</div>}
            </ScrollArea.Autosize>
          </>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}
