import { Menu } from '@mantine/core';
import { IconArrowMerge } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { formatCount } from '../format.ts';
import { iconLook } from '../icons.ts';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import { openPairsQuery } from './duplicates.ts';

/** The way from a list to its duplicates, with how many are open: asked for when the menu opens. */
export function DuplicatesItem({ object }: { object: ObjectMeta }): ReactNode {
  const { t } = useWords();
  const navigate = useNavigate();
  const { data } = useQuery(openPairsQuery(object));
  return (
    <Menu.Item
      leftSection={<IconArrowMerge {...iconLook} />}
      rightSection={data && data.value > 0 ? <span className="pg-secondary pg-figures">{formatCount(data)}</span> : undefined}
      onClick={() => void navigate({ to: '/duplicates', search: { object: object.key } })}
    >
      {t('duplicate.all')}
    </Menu.Item>
  );
}
