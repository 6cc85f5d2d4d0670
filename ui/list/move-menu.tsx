import { Menu } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { Fragment, type ReactNode, useMemo } from 'react';
import { iconLook } from '../icons.ts';
import { useMeta } from '../meta.ts';
import { type FieldMeta, type ObjectMeta, type RecordData, readNamed } from '../wire.ts';
import { useWords } from '../words.ts';
import { type GroupValue, keyOf, partsOf, splitField } from './groups.ts';
import { focusedMenu } from './menu-focus.ts';
import { groupText, useTargets } from './use-figures.ts';

interface ItemsProps {
  object: ObjectMeta;
  field: FieldMeta;
  record: RecordData;
  /** The values there are, of a field that has none of its own making. */
  offered?: readonly GroupValue[];
  onMove: (value: GroupValue, category: string | undefined) => void;
}

/** Where a record may be moved: every option or stage, those of its own pipeline first, the others under their names. */
function MoveItems({ object, field, record, offered = [], onMove }: ItemsProps): ReactNode {
  const look = useWords();
  const target = useMeta().object(field.to);
  const by = splitField(object, field, target);
  const targets = useTargets(
    field,
    useMemo(() => (by ? [by.key] : []), [by]),
  );
  const title = target?.title ?? 'name';
  const rows = targets.rows ?? [];
  const own = readNamed(record[field.key]);
  const at = rows.find((row) => row.id === own?.id);
  const { parts } = partsOf(by ? rows : [], by?.key ?? '', null);
  const home = by && at ? readNamed(at[by.key])?.id : undefined;
  const groups =
    field.type === 'select'
      ? [{ name: null, values: (field.options ?? []).filter((option) => !option.retired).map((option): GroupValue => option.key) }]
      : !targets.ordered
        ? [{ name: null, values: offered.filter((value) => value !== null || !field.required) }]
        : (parts.length > 1 ? [...parts].sort((one, other) => Number(other.id === home) - Number(one.id === home)) : [null]).map(
            (part) => ({
              name: part && part.id !== home ? part.name : null,
              values: rows
                .filter((row) => !part || !by || readNamed(row[by.key])?.id === part.id)
                .map((row): GroupValue => ({ id: row.id, name: String(row[title] ?? '') })),
            }),
          );
  const here = own?.id ?? JSON.stringify(record[field.key] ?? null);
  return (
    <>
      <Menu.Label>{look.t('board.moveTo')}</Menu.Label>
      {groups.map((group) => (
        <Fragment key={group.name ?? ''}>
          {group.name && <Menu.Label>{group.name}</Menu.Label>}
          {group.values.map((value) => (
            <Menu.Item
              key={keyOf(value)}
              disabled={keyOf(value) === here}
              leftSection={<IconArrowRight {...iconLook} />}
              onClick={() => onMove(value, String(rows.find((row) => row.id === keyOf(value))?.category ?? '') || undefined)}
            >
              {groupText(object, field, value, look)}
            </Menu.Item>
          ))}
        </Fragment>
      ))}
    </>
  );
}

/** The places a record may be moved to, at the pointer or at its card. */
export function MoveMenu({ at, onClose, ...items }: ItemsProps & { at: { x: number; y: number }; onClose: () => void }): ReactNode {
  return (
    <Menu opened onClose={onClose} position="bottom-start" width={216} offset={2} key={`${items.record.id} ${at.x} ${at.y}`}>
      <Menu.Target>
        {/* physical: where the pointer is, whichever way the language runs */}
        <span style={{ position: 'fixed', left: at.x, top: at.y, inlineSize: 1, blockSize: 1 }} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown ref={focusedMenu} mah={420} style={{ overflowY: 'auto' }}>
        <MoveItems {...items} />
      </Menu.Dropdown>
    </Menu>
  );
}
