import { ActionIcon, Stack } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { People } from '#engine/declare/flow.ts';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { iconLook } from '#ui/icons.ts';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './flows.module.css';
import { useNames } from './flows.ts';
import { PathSelect } from './inputs.tsx';

/** Colleagues by name. */
export function UsersInput({
  label,
  users,
  onChange,
  error,
}: {
  label: string;
  users: readonly string[];
  onChange: (users: string[]) => void;
  error?: string | undefined;
}): ReactNode {
  const { t } = useWords();
  const names = useNames('user', users);
  return (
    <Stack gap="xs">
      <RecordPicker
        object="user"
        label={label}
        ariaLabel={label}
        value={null}
        onChange={(chosen) => chosen && !users.includes(chosen.id) && onChange([...users, chosen.id])}
        error={error}
      />
      {users.length > 0 && (
        <ul className={classes.people}>
          {users.map((id) => (
            <li key={id}>
              <span className="pg-ellipsis">{names.get(id) ?? ''}</span>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('flows.removePerson', { name: names.get(id) ?? '' })}
                onClick={() => onChange(users.filter((other) => other !== id))}
              >
                <IconX {...iconLook} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}

/** Colleagues by name, or those a field of the record holds. */
export function PeopleInput({
  label,
  source,
  people,
  onChange,
  error,
}: {
  label: string;
  source: ObjectMeta;
  people: People;
  onChange: (people: People) => void;
  error: string | undefined;
}): ReactNode {
  const { t } = useWords();
  return (
    <Stack gap="xs">
      <UsersInput
        label={label}
        users={people.users ?? []}
        onChange={(users) => onChange({ ...(users.length > 0 ? { users } : {}), ...(people.field ? { field: people.field } : {}) })}
        error={error}
      />
      <PathSelect
        object={source}
        label={t('flows.orField')}
        value={people.field ?? null}
        only={(field) => field.type === 'user'}
        onChange={(field) => onChange({ ...(people.users ? { users: people.users } : {}), ...(field ? { field } : {}) })}
        clearable
      />
    </Stack>
  );
}
