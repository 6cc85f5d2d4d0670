import { Menu } from '@mantine/core';
import { IconArrowRight, IconExternalLink, IconLayoutSidebarRight, IconLink, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { iconLook } from '../icons.ts';
import { recordPath } from '../meta.ts';
import { showDone } from '../notify.tsx';
import { removeRecord } from '../record/remove-record.ts';
import type { ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import { focusedMenu } from './menu-focus.ts';

interface Props {
  object: ObjectMeta;
  at: { record: RecordData; x: number; y: number } | null;
  onClose: () => void;
  onOpen: (record: RecordData) => void;
  onPeek: () => void;
}

/** What can be done with one row, at the pointer. */
export function RowMenu({ object, at, onClose, onOpen, onPeek }: Props): ReactNode {
  const { t } = useWords();
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
