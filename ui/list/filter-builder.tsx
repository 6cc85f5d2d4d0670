import { ActionIcon, Button, NativeSelect, NumberInput, Popover, UnstyledButton } from '@mantine/core';
import { IconFilterPlus, IconPlus, IconX } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { iconLook } from '../icons.ts';
import { useMeta } from '../meta.ts';
import { Tip } from '../tip.tsx';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { ConditionControls } from './condition-editor.tsx';
import { FieldPicker } from './field-picker.tsx';
import classes from './list.module.css';
import { pathText, resolvePath } from './path.ts';
import {
  askable,
  countOperators,
  type GroupKind,
  type GroupNode,
  groupKinds,
  isCondition,
  readCount,
  readGroup,
  writeCount,
  writeGroup,
} from './predicate.ts';

const deepest = 5;

interface NodeProps {
  object: ObjectMeta;
  node: unknown;
  depth: number;
  onChange: (node: unknown) => void;
  /** Without it the node is the whole and goes with the chip. */
  onRemove?: () => void;
}

function RemoveNode({ name, onRemove }: { name: string; onRemove: (() => void) | undefined }): ReactNode {
  const { t } = useWords();
  if (!onRemove) return null;
  return (
    <Tip label={t('filter.removeNamed', { name })}>
      <ActionIcon aria-label={t('filter.removeNamed', { name })} onClick={onRemove}>
        <IconX {...iconLook} />
      </ActionIcon>
    </Tip>
  );
}

/** A button that opens the picker of fields; what is chosen begins a condition. */
function PickButton({
  object,
  word,
  onPick,
  plain,
}: {
  object: ObjectMeta;
  word: string;
  onPick: (node: unknown) => void;
  plain?: boolean;
}): ReactNode {
  const [open, setOpen] = useState(false);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-start" width={280} trapFocus withinPortal={false}>
      <Popover.Target>
        {plain ? (
          <UnstyledButton className={classes.builderField} onClick={() => setOpen((was) => !was)} title={word}>
            {word}
          </UnstyledButton>
        ) : (
          <Button
            size="compact"
            variant="subtle"
            color="gray"
            leftSection={<IconPlus {...iconLook} />}
            onClick={() => setOpen((was) => !was)}
          >
            {word}
          </Button>
        )}
      </Popover.Target>
      <Popover.Dropdown p="xs">
        <FieldPicker
          object={object}
          onPick={(node) => {
            setOpen(false);
            onPick(node);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function ConditionRow({ object, node, onChange, onRemove }: NodeProps): ReactNode {
  const look = useWords();
  const meta = useMeta();
  if (!isCondition(node)) return null;
  const found = resolvePath(meta, object, node.field);
  const name = found ? pathText(found, look) : look.label(node.field);
  return (
    <div className={classes.builderRow}>
      <PickButton plain object={object} word={name} onPick={onChange} />
      {found && (
        <div className={classes.builderControls}>
          <ConditionControls key={node.field} found={found} condition={node} onChange={onChange} />
        </div>
      )}
      <RemoveNode name={name} onRemove={onRemove} />
    </div>
  );
}

function CountRow({ object, node, depth, onChange, onRemove }: NodeProps): ReactNode {
  const look = useWords();
  const { t } = look;
  const meta = useMeta();
  const count = readCount(node);
  if (!count) return null;
  const found = resolvePath(meta, object, count.path);
  const far = meta.object(found?.field.to);
  const name = found ? pathText(found, look) : look.label(count.path);
  // Conditions on what is counted are a group of their own, also when there is only one.
  const inner = count.where ? (readGroup(count.where) ? count.where : { all: [count.where] }) : null;
  return (
    <>
      <div className={classes.builderRow}>
        <PickButton plain object={object} word={name} onPick={onChange} />
        <div className={classes.builderControls}>
          <NativeSelect
            aria-label={t('filter.comparison')}
            data={countOperators.map((op) => ({ value: op, label: t(`count.word.${op}`) }))}
            value={count.op}
            onChange={({ currentTarget: { value } }) =>
              onChange(writeCount({ ...count, op: countOperators.find((one) => one === value) ?? count.op }))
            }
          />
          <NumberInput
            aria-label={t('filter.value')}
            min={0}
            max={100_000}
            allowDecimal={false}
            allowNegative={false}
            value={count.n}
            onChange={(n) => n !== '' && onChange(writeCount({ ...count, n: Number(n) }))}
            data-autofocus
          />
        </div>
        <RemoveNode name={name} onRemove={onRemove} />
      </div>
      {far && (
        <div className={classes.builderIndent}>
          {inner ? (
            <GroupRows
              object={far}
              node={inner}
              depth={depth + 1}
              onChange={(where) => onChange(writeCount({ ...count, where }))}
              onRemove={() => onChange(writeCount({ ...count, where: null }))}
            />
          ) : (
            <PickButton
              object={far}
              word={t('filter.addWhere')}
              onPick={(where) => onChange(writeCount({ ...count, where: { all: [where] } }))}
            />
          )}
        </div>
      )}
    </>
  );
}

function GroupRows({ object, node, depth, onChange, onRemove }: NodeProps): ReactNode {
  const { t } = useWords();
  const group = readGroup(node);
  if (!group) return null;
  const set = (change: Partial<GroupNode>): void => onChange(writeGroup({ ...group, ...change }));
  const put = (at: number, next: unknown): void => set({ of: group.of.map((one, index) => (index === at ? next : one)) });
  return (
    <fieldset className={classes.builderGroup} aria-label={t('filter.group')}>
      <div className={classes.builderRow}>
        <NativeSelect
          className={classes.builderKind}
          aria-label={t('filter.groupKind')}
          data={groupKinds.map((kind) => ({ value: kind, label: t(`filter.kind.${kind}`) }))}
          value={group.kind}
          onChange={({ currentTarget: { value } }) =>
            set({ kind: (groupKinds.find((one) => one === value) ?? group.kind) satisfies GroupKind })
          }
        />
        <RemoveNode name={t('filter.group')} onRemove={onRemove} />
      </div>
      <div className={classes.builderIndent}>
        {group.of.map((one, at) => (
          <NodeRows
            // biome-ignore lint/suspicious/noArrayIndexKey: a condition is its place in its group
            key={at}
            object={object}
            node={one}
            depth={depth + 1}
            onChange={(next) => put(at, next)}
            onRemove={() => set({ of: group.of.filter((_, index) => index !== at) })}
          />
        ))}
        <div className={classes.builderAdd}>
          <PickButton object={object} word={t('filter.addCondition')} onPick={(next) => set({ of: [...group.of, next] })} />
          {depth < deepest && (
            <Button
              size="compact"
              variant="subtle"
              color="gray"
              leftSection={<IconFilterPlus {...iconLook} />}
              onClick={() => set({ of: [...group.of, { [group.kind === 'any' ? 'all' : 'any']: [] }] })}
            >
              {t('filter.addGroup')}
            </Button>
          )}
        </div>
      </div>
    </fieldset>
  );
}

function NodeRows(props: NodeProps): ReactNode {
  const { t } = useWords();
  if (isCondition(props.node)) return <ConditionRow {...props} />;
  if (readGroup(props.node)) return <GroupRows {...props} />;
  if (readCount(props.node)) return <CountRow {...props} />;
  return (
    <div className={classes.builderRow}>
      <code>{JSON.stringify(props.node)}</code>
      <RemoveNode name={t('filter.group')} onRemove={props.onRemove} />
    </div>
  );
}

/** A group of conditions or a count, edited row by row; what is complete takes effect at once. */
export function FilterBuilder({
  object,
  node,
  onChange,
  onRemove,
  onClose,
}: {
  object: ObjectMeta;
  node: unknown;
  /** Gets what can be asked; null while nothing can. */
  onChange: (node: unknown) => void;
  onRemove: () => void;
  onClose: () => void;
}): ReactNode {
  const { t } = useWords();
  const [draft, setDraft] = useState(node);
  const form = useRef<HTMLFormElement>(null);
  // The popover sets its focus when it opens; a node begun in it comes later.
  useEffect(() => {
    const first = form.current?.querySelector<HTMLElement>('[data-autofocus]') ?? form.current?.querySelector<HTMLElement>('input,button');
    first?.focus({ preventScroll: true });
  }, []);
  return (
    <form
      ref={form}
      className={classes.builder}
      onSubmit={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <NodeRows
        object={object}
        node={draft}
        depth={0}
        onChange={(next) => {
          setDraft(next);
          onChange(askable(next));
        }}
      />
      <div className={classes.builderEnd}>
        <Button size="compact" variant="subtle" color="gray" onClick={onRemove}>
          {t('filter.remove')}
        </Button>
        <Button size="compact" variant="default" type="submit">
          {t('filter.done')}
        </Button>
      </div>
    </form>
  );
}
