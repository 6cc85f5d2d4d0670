import { Button, Menu } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { post } from './api.ts';
import { iconLook } from './icons.ts';
import { showFailure } from './notify.tsx';
import type { ObjectMeta } from './wire.ts';
import { useWords } from './words.ts';

const formats = ['csv', 'xlsx', 'ndjson'] as const;

interface Props {
  object: ObjectMeta;
  request: { where?: unknown; sort: string[]; fields: string[] };
}

/** Saves what the list shows, all of it, as a file. */
export function ExportMenu({ object, request }: Props): ReactNode {
  const { t } = useWords();
  const run = async (format: (typeof formats)[number]): Promise<void> => {
    try {
      const { id } = await post<{ id: string }>('/exports', { object: object.key, ...request, format });
      window.location.assign(`/api/v1/exports/${id}/file`);
    } catch (failure) {
      showFailure(failure, () => void run(format));
    }
  };
  return (
    <Menu position="bottom-end" width={160}>
      <Menu.Target>
        <Button size="compact" variant="subtle" color="gray" leftSection={<IconDownload {...iconLook} />}>
          {t('export.title')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {formats.map((format) => (
          <Menu.Item key={format} onClick={() => void run(format)}>
            {t(`export.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
