import { Button, Popover, ScrollArea, TextInput, Tooltip, UnstyledButton } from '@mantine/core';
import { IconFilter, IconX } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useRecordNames } from '../fields/record-filter.tsx';
import { iconLook } from '../icons.ts';
import { fieldOf, listFields } from '../meta.ts';
import type { FieldMeta, ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { ConditionEditor, firstOperator } from './condition-editor.tsx';
import { operatorText, valueText } from './condition-text.ts';
import classes from './list.module.css';
import { type Condition, isCondition, type Where, withNode } from './predicate.ts';

const recordTypes = new Set(['reference', 'user', 'manyToMany']);

function ConditionChip({
  object,
  condition,
  onChange,
  onRemove,
}: {
  object: ObjectMeta;
  condition: Condition;
  onChange: (condition: Condition) => void;
  onRemove: () => void;
}): ReactNode {
  const { t, field: fieldWord, label } = useWords();
  const [open, setOpen] = useState(false);
  const field = fieldOf(object, condition.field);
  const target = field?.to ?? (field?.type === 'user' ? 'user' : undefined);
  const names = useRecordNames(field && recordTypes.has(field.type) ? target : undefined, condition.value);
  const said = field ? fieldWord(object.key, field.key) : label(condition.field);
  const text = [
    operatorText(condition.op, field?.type),
    valueText(object, condition, field && recordTypes.has(field.type) ? names.map((one) => one.name) : []),
  ].join(' ');
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" width={320} trapFocus>
      <span className={classes.chip}>
        <Popover.Target>
          <UnstyledButton className={classes.chipText} onClick={() => setOpen((was) => !was)}>
            <span className={classes.chipField}>{said}</span> {text}
          </UnstyledButton>
        </Popover.Target>
        <Tooltip label={t('filter.remove')}>
          <UnstyledButton className={classes.chipRemove} aria-label={t('filter.removeNamed', { name: said })} onClick={onRemove}>
            <IconX size={14} stroke={1.5} />
          </UnstyledButton>
        </Tooltip>
      </span>
      <Popover.Dropdown>
        <ConditionEditor
          object={object}
          condition={condition}
          onChange={onChange}
          onRemove={() => {
            setOpen(false);
            onRemove();
          }}
          onClose={() => setOpen(false)}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

/** Chooses a field, then its comparison, in one popover. */
function AddFilter({ object, onAdd, bare }: { object: ObjectMeta; onAdd: (condition: Condition) => void; bare: boolean }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState('');
  const [chosen, setChosen] = useState<FieldMeta | null>(null);
  const [complete, setComplete] = useState<Condition | null>(null);
  const fields = listFields(object).filter(
    (field) =>
      field.filterable && field.operators.length > 0 && fieldWord(object.key, field.key).toLowerCase().includes(typed.trim().toLowerCase()),
  );
  const close = (): void => {
    if (complete) onAdd(complete);
    setOpen(false);
    setChosen(null);
    setComplete(null);
    setTyped('');
  };
  return (
    <Popover
      opened={open}
      onChange={(next) => (next ? setOpen(true) : close())}
      position="bottom-start"
      width={chosen ? 320 : 240}
      trapFocus
    >
      <Popover.Target>
        <Button
          size="compact"
          variant="subtle"
          color="gray"
          leftSection={<IconFilter {...iconLook} />}
          onClick={() => (open ? close() : setOpen(true))}
          aria-expanded={open}
          data-hotkey="filter"
        >
          {t(bare ? 'filter.add' : 'filter.more')}
        </Button>
      </Popover.Target>
      <Popover.Dropdown p={chosen ? 'md' : 'xs'}>
        {chosen ? (
          <ConditionEditor
            key={chosen.key}
            object={object}
            condition={{ field: chosen.key, op: firstOperator(chosen), value: null }}
            onChange={setComplete}
            onRemove={() => {
              setComplete(null);
              setChosen(null);
            }}
            onClose={close}
          />
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
                  setChosen(fields[0]);
                }
              }}
              data-autofocus
              mb={4}
            />
            <ScrollArea.Autosize mah={320}>
              {fields.map((field) => (
                <UnstyledButton key={field.key} className={classes.menuRow} onClick={() => setChosen(field)}>
                  {fieldWord(object.key, field.key)}
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

/** The filters of a list: one chip each, a button for the next. */
export function FilterBar({
  object,
  where,
  onChange,
  clearable,
}: {
  object: ObjectMeta;
  where: Where | undefined;
  onChange: (where: Where | undefined) => void;
  /** An empty list offers to clear the filters itself. */
  clearable: boolean;
}): ReactNode {
  const { t } = useWords();
  const nodes = where?.all ?? [];
  return (
    <div className={classes.filters}>
      {nodes.map((node, index) =>
        isCondition(node) ? (
          <ConditionChip
            // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place in the predicate
            key={`${index}${node.field}`}
            object={object}
            condition={node}
            onChange={(next) => onChange(withNode(where, index, next))}
            onRemove={() => onChange(withNode(where, index, null))}
          />
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: a group is its place in the predicate
          <span key={index} className={classes.chip}>
            <span className={classes.chipText} title={JSON.stringify(node)}>
              {t('filter.group')}
            </span>
            <UnstyledButton
              className={classes.chipRemove}
              aria-label={t('filter.remove')}
              onClick={() => onChange(withNode(where, index, null))}
            >
              <IconX size={14} stroke={1.5} />
            </UnstyledButton>
          </span>
        ),
      )}
      <AddFilter object={object} bare={nodes.length === 0} onAdd={(condition) => onChange(withNode(where, nodes.length, condition))} />
      {clearable && nodes.length > 1 && (
        <Button size="compact" variant="subtle" color="gray" onClick={() => onChange(undefined)}>
          {t('filter.clear')}
        </Button>
      )}
    </div>
  );
}
