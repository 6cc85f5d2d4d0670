import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { address } from './api.ts';
import { iconLook } from './icons.ts';
import { MenuButton } from './menu-button.tsx';
import { useMeta } from './meta.ts';
import type { ObjectMeta } from './wire.ts';
import { useWords } from './words.ts';

const formats = ['csv', 'xlsx', 'ndjson'] as const;

interface Props {
  object: ObjectMeta;
  request: { where?: unknown; sort: string[]; fields: string[] };
}

/** Saves what the list shows, all of it, as a file. The browser follows the link itself, so a large file streams to the disk. */
export function ExportMenu({ object, request }: Props): ReactNode {
  const { t } = useWords();
  if (!useMeta().may('export')) return null;
  const where = request.where === undefined ? undefined : JSON.stringify(request.where);
  return (
    <MenuButton
      position="bottom-end"
      width={160}
      button={(props) => (
        <Button {...props} size="compact" variant="subtle" color="gray" leftSection={<IconDownload {...iconLook} />}>
          {t('export.title')}
        </Button>
      )}
    >
      {() => (
        <>
          {' '}
          {formats.map((format) => (
            <Menu.Item
              key={format}
              component="a"
              href={address(`/${object.plural}/export`, { format, where, sort: request.sort.join(','), fields: request.fields.join(',') })}
              download
            >
              {t(`export.${format}`)}
            </Menu.Item>
          ))}
        </>
      )}
    </MenuButton>
  );
}
