import { Button, Input, Popover } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { predicateText } from '#ui/list/condition-text.ts';
import { FieldPicker } from '#ui/list/field-picker.tsx';
import { FilterBuilder } from '#ui/list/filter-builder.tsx';
import { usePredicateNames } from '#ui/list/use-predicate-names.ts';
import { useMeta } from '#ui/meta.ts';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './catalogue.module.css';

/** A condition made with the builder of the filters: over what its record holds, or with `counts` also over what belongs to it. */
export function ConditionInput({
  object,
  label,
  empty,
  value,
  onChange,
  error,
  counts = false,
}: {
  object: ObjectMeta;
  label: string;
  /** What stands there while there is none. */
  empty: string;
  value: unknown;
  onChange: (value: unknown) => void;
  error?: string;
  counts?: boolean;
}): ReactNode {
  const meta = useMeta();
  const { t } = useWords();
  const [open, setOpen] = useState(false);
  const [begun, setBegun] = useState<unknown>(null);
  // Conditions of a form see no further than their record.
  const own = useMemo(
    () => (counts ? object : { ...object, fields: object.fields.filter((field) => field.type !== 'toMany') }),
    [object, counts],
  );
  const names = usePredicateNames(object, value ?? { all: [] });
  const node = value ?? begun;
  const close = (): void => {
    setOpen(false);
    setBegun(null);
  };
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <Popover
        opened={open}
        onChange={(next) => (next ? setOpen(true) : close())}
        position="bottom-start"
        width={360}
        trapFocus
        withinPortal={false}
      >
        <Popover.Target>
          <Button
            variant="default"
            fullWidth
            justify="flex-start"
            className={classes.condition}
            onClick={() => setOpen((was) => !was)}
            aria-label={`${label}: ${value ? predicateText(meta, object, value, names) : empty}`}
          >
            {value ? predicateText(meta, object, value, names) : <span className={classes.quiet}>{empty}</span>}
          </Button>
        </Popover.Target>
        <Popover.Dropdown p="sm">
          {node ? (
            <FilterBuilder
              key={value ? 'held' : 'begun'}
              object={own}
              node={node}
              onChange={(next) => next && onChange(next)}
              onRemove={() => {
                onChange(undefined);
                close();
              }}
              onClose={close}
            />
          ) : (
            <FieldPicker object={own} onPick={setBegun}>
              <span className={classes.quiet}>{t('catalogue.conditionHint')}</span>
            </FieldPicker>
          )}
        </Popover.Dropdown>
      </Popover>
    </Input.Wrapper>
  );
}
