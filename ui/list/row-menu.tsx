import { Menu } from '@mantine/core';
import { IconArrowRight, IconArrowsMove, IconExternalLink, IconLayoutSidebarRight, IconLink, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { get } from '../api.ts';
import { iconLook } from '../icons.ts';
import { recordPath } from '../meta.ts';
import { showDone } from '../notify.tsx';
import { removeRecord } from '../record/remove-record.ts';
import { isEditable } from '../record/use-field-edit.ts';
import { type ObjectMeta, type RecordData, readNamed } from '../wire.ts';
import { useWords } from '../words.ts';
import { asksOf } from './cards.ts';
import { boardField, keyOf } from './groups.ts';
import { focusedMenu } from './menu-focus.ts';
import { MoveMenu } from './move-menu.tsx';
import { moveRecord } from './move-record.ts';
import { titleText } from './record-title.tsx';
import { groupText } from './use-figures.ts';

interface Props {
  object: ObjectMeta;
  at: { record: RecordData; x: number; y: number } | null;
  onClose: () => void;
  onOpen: (record: RecordData) => void;
  onPeek: () => void;
}

/** What can be done with one row, at the pointer. */
export function RowMenu({ object, at, onClose, onOpen, onPeek }: Props): ReactNode {
  const look = useWords();
  const { t } = look;
  const client = useQueryClient();
  const [moving, setMoving] = useState<Props['at']>(null);
  const field = boardField(object, undefined);
  // What a record is moved by is what its board stands on: its stage, its status.
  const movable = field && isEditable(object, field) && (field.key === 'stage' || field.type === 'select') ? field : undefined;
  if (moving && movable)
    return (
      <MoveMenu
        object={object}
        field={movable}
        record={moving.record}
        at={moving}
        onClose={() => setMoving(null)}
        onMove={async (value, category) => {
          setMoving(null);
          // The row may not show what it is moved by.
          const record = movable.key in moving.record ? moving.record : await get<RecordData>(`/${object.plural}/${moving.record.id}`, {});
          if (keyOf(value) === keyOf(readNamed(record[movable.key]) ?? String(record[movable.key] ?? ''))) return;
          const said = t('board.moved', {
            name: titleText(object, record) || t('record.unnamed'),
            to: groupText(object, movable, value, look),
          });
          void moveRecord(client, { object, record, field: movable, value, said, asks: asksOf(object, category) });
        }}
      />
    );
  if (!at) return null;
  const path = recordPath(object, at.record.id);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(new URL(path, window.location.href).href);
    showDone(t('record.linkCopied'));
  };
  return (
    <Menu opened onClose={onClose} position="bottom-start" width={200} offset={2} key={`${at.x} ${at.y}`}>
      <Menu.Target>
        {/* physical: where the pointer is, whichever way the language runs */}
        <span style={{ position: 'fixed', left: at.x, top: at.y, inlineSize: 1, blockSize: 1 }} aria-hidden />
      </Menu.Target>
      <Menu.Dropdown ref={focusedMenu}>
        <Menu.Item leftSection={<IconArrowRight {...iconLook} />} onClick={() => onOpen(at.record)}>
          {t('action.open')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLayoutSidebarRight {...iconLook} />} onClick={onPeek}>
          {t('peek.act')}
        </Menu.Item>
        <Menu.Item leftSection={<IconExternalLink {...iconLook} />} component="a" href={path} target="_blank">
          {t('action.openTab')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLink {...iconLook} />} onClick={() => void copy()}>
          {t('action.copyLink')}
        </Menu.Item>
        {movable && (
          <Menu.Item leftSection={<IconArrowsMove {...iconLook} />} onClick={() => setMoving(at)}>
            {t('board.moveToAsk')}
          </Menu.Item>
        )}
        {object.verbs.delete && (
          <>
            <Menu.Divider />
            <Menu.Item color="danger" leftSection={<IconTrash {...iconLook} />} onClick={() => void removeRecord(object, at.record)}>
              {t('action.delete')}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
