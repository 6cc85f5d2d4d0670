import { ActionIcon, Button, Stack } from '@mantine/core';
import { IconUsers, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { formatNumber } from '#ui/format.ts';
import { iconLook } from '#ui/icons.ts';
import { PopoverButton } from '#ui/menu-button.tsx';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './team.module.css';

interface Props {
  people: readonly Named[];
  /** The ids in their order; none stand for the team. */
  onChange: (people: string[]) => void;
}

/** Whose calendars stand side by side. */
export function PeopleMenu({ people, onChange }: Props): ReactNode {
  const { t } = useWords();
  const ids = people.map(({ id }) => id);
  return (
    <PopoverButton
      position="bottom-end"
      width={280}
      button={(props) => (
        <Button {...props} size="compact" variant="default" leftSection={<IconUsers {...iconLook} />}>
          {t('team.people', { count: people.length, n: formatNumber(people.length) })}
        </Button>
      )}
    >
      {() => (
        <Stack gap="xs">
          <ul className={classes.people}>
            {people.map(({ id, name }) => (
              <li key={id}>
                <span className="pg-ellipsis">{name}</span>
                <ActionIcon aria-label={t('team.without', { person: name })} onClick={() => onChange(ids.filter((one) => one !== id))}>
                  <IconX {...iconLook} />
                </ActionIcon>
              </li>
            ))}
          </ul>
          <RecordPicker
            object="user"
            value={null}
            onChange={(added) => added && !ids.includes(added.id) && onChange([...ids, added.id])}
            ariaLabel={t('team.add')}
            placeholder={t('team.add')}
            withinPortal={false}
          />
          <Button size="compact" variant="subtle" color="gray" onClick={() => onChange([])}>
            {t('team.mine')}
          </Button>
        </Stack>
      )}
    </PopoverButton>
  );
}
