import { Button, UnstyledButton } from '@mantine/core';
import { IconFilter, IconFilterPlus, IconX } from '@tabler/icons-react';
import { memo, type ReactNode, useRef, useState } from 'react';
import { iconLook } from '../icons.ts';
import { HangingPopover } from '../menu-button.tsx';
import { useMeta } from '../meta.ts';
import { Tip } from '../tip.tsx';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { ConditionEditor } from './condition-editor.tsx';
import { comparisonText, predicateText, recordsOf } from './condition-text.ts';
import { FieldPicker } from './field-picker.tsx';
import { FilterBuilder } from './filter-builder.tsx';
import classes from './list.module.css';
import { pathText, resolvePath } from './path.ts';
import { isCondition, type Where, withNode } from './predicate.ts';
import { usePredicateNames } from './use-predicate-names.ts';

const widths = { condition: 320, group: 560 };
/** Never wider than a phone. */
const fitting = { dropdown: { maxInlineSize: 'calc(100vw - 16px)' } };

/** One node of the filter: a comparison reads as field and value, a group or a count as a sentence. */
function Chip({
  object,
  node,
  onChange,
  onRemove,
}: {
  object: ObjectMeta;
  node: unknown;
  onChange: (node: unknown) => void;
  onRemove: () => void;
}): ReactNode {
  const look = useWords();
  const { t, label } = look;
  const meta = useMeta();
  const [open, setOpen] = useState(false);
  // Emptied in the builder, it goes when the builder closes.
  const [emptied, setEmptied] = useState(false);
  const nameOf = usePredicateNames(object, node);
  const plain = isCondition(node);
  const found = plain ? resolvePath(meta, object, node.field) : null;
  const values = plain && recordsOf(found) ? (Array.isArray(node.value) ? node.value : [node.value]) : [];
  const names = values.filter((id): id is string => typeof id === 'string').map(nameOf);
  const said = plain ? (found ? pathText(found, look) : label(node.field)) : '';
  const text = plain ? comparisonText(found, node, names) : predicateText(meta, object, node, nameOf);
  const close = (): void => {
    setOpen(false);
    if (emptied) onRemove();
  };
  const remove = (): void => {
    setOpen(false);
    onRemove();
  };
  const opener = useRef<HTMLButtonElement>(null);
  return (
    <span className={classes.chip}>
      <button
        ref={opener}
        type="button"
        className={classes.chipText}
        title={`${said} ${text}`.trim()}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => (open ? close() : setOpen(true))}
      >
        {plain && <span className={classes.chipField}>{said}</span>} {text}
      </button>
      <Tip label={t('filter.remove')}>
        <UnstyledButton
          className={classes.chipRemove}
          aria-label={plain ? t('filter.removeNamed', { name: said }) : t('filter.remove')}
          onClick={onRemove}
        >
          <IconX size={14} stroke={1.5} />
        </UnstyledButton>
      </Tip>
      <HangingPopover
        to={opener}
        opened={open}
        onChange={(next) => (next ? setOpen(true) : close())}
        position="bottom-start"
        width={plain ? widths.condition : widths.group}
        styles={fitting}
        padding="md"
        content={() =>
          plain ? (
            <ConditionEditor object={object} condition={node} onChange={onChange} onRemove={remove} onClose={close} />
          ) : (
            <FilterBuilder
              object={object}
              node={node}
              onChange={(next) => {
                setEmptied(next === null);
                if (next !== null) onChange(next);
              }}
              onRemove={remove}
              onClose={close}
            />
          )
        }
      />
    </span>
  );
}

/** Chooses a field, then its comparison, in one popover; or begins a group or a count there. */
function AddFilter({ object, onAdd, bare }: { object: ObjectMeta; onAdd: (node: unknown) => void; bare: boolean }): ReactNode {
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const [begun, setBegun] = useState<unknown>(null);
  const [complete, setComplete] = useState<unknown>(null);
  const close = (): void => {
    setOpen(false);
    // The panel goes first; the list is asked anew in a piece of work of its own.
    if (complete) setTimeout(() => onAdd(complete));
  };
  const begin = (): void => {
    setBegun(null);
    setComplete(null);
    setOpen(true);
  };
  const choose = (node: unknown): void => {
    setBegun(node);
    // A count is whole from its beginning: at least one.
    setComplete(isCondition(node) || !('count' in Object(node)) ? null : node);
  };
  const remove = (): void => {
    setComplete(null);
    setBegun(null);
  };
  const opener = useRef<HTMLButtonElement>(null);
  return (
    <>
      <Button
        ref={opener}
        size="compact"
        variant="subtle"
        color="gray"
        leftSection={<IconFilter {...iconLook} />}
        onClick={() => (open ? close() : begin())}
        aria-haspopup="dialog"
        aria-expanded={open}
        data-hotkey="filter"
      >
        {t(bare ? 'filter.add' : 'filter.more')}
      </Button>
      <HangingPopover
        to={opener}
        opened={open}
        onChange={(next) => (next ? begin() : close())}
        position="bottom-start"
        width={begun === null ? 280 : isCondition(begun) ? widths.condition : widths.group}
        styles={fitting}
        padding={begun === null ? 'xs' : 'md'}
        content={() =>
          begun === null ? (
            <FieldPicker object={object} onPick={choose}>
              <Button
                size="compact"
                variant="subtle"
                color="gray"
                fullWidth
                justify="flex-start"
                mt={4}
                leftSection={<IconFilterPlus {...iconLook} />}
                onClick={() => choose({ any: [] })}
              >
                {t('filter.group')}
              </Button>
            </FieldPicker>
          ) : isCondition(begun) ? (
            <ConditionEditor object={object} condition={begun} onChange={setComplete} onRemove={remove} onClose={close} />
          ) : (
            <FilterBuilder object={object} node={begun} onChange={setComplete} onRemove={remove} onClose={close} />
          )
        }
      />
    </>
  );
}

/** The filters of a list: one chip each, a button for the next. */
export const FilterBar = memo(function FilterBar({
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
      {nodes.map((node, index) => (
        <Chip
          // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place in the predicate
          key={`${index}${isCondition(node) ? node.field : ''}`}
          object={object}
          node={node}
          onChange={(next) => onChange(withNode(where, index, next))}
          onRemove={() => onChange(withNode(where, index, null))}
        />
      ))}
      <AddFilter object={object} bare={nodes.length === 0} onAdd={(node) => onChange(withNode(where, nodes.length, node))} />
      {clearable && nodes.length > 1 && (
        <Button size="compact" variant="subtle" color="gray" onClick={() => onChange(undefined)}>
          {t('filter.clear')}
        </Button>
      )}
    </div>
  );
});
