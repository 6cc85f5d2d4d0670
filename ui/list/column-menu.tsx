import { Button, Checkbox, ScrollArea } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { iconLook } from '../icons.ts';
import { PopoverButton } from '../menu-button.tsx';
import { listFields } from '../meta.ts';
import type { ObjectMeta } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './list.module.css';

/** Which fields the list shows; the title always does. */
export function ColumnMenu({
  object,
  columns,
  onChange,
}: {
  object: ObjectMeta;
  columns: string[];
  onChange: (columns: string[] | undefined) => void;
}): ReactNode {
  const { t, field: fieldWord } = useWords();
  const toggle = (key: string): void => onChange(columns.includes(key) ? columns.filter((column) => column !== key) : [...columns, key]);
  return (
    <PopoverButton
      position="bottom-end"
      width={240}
      button={(props) => (
        <Button {...props} size="compact" variant="subtle" color="gray" leftSection={<IconColumns3 {...iconLook} />}>
          {t('list.columns')}
        </Button>
      )}
    >
      {() => (
        <>
          <ScrollArea.Autosize mah={360}>
            {listFields(object)
              .filter((field) => field.key !== object.title)
              .map((field) => (
                <Checkbox
                  key={field.key}
                  className={classes.menuCheck}
                  label={fieldWord(object.key, field.key)}
                  checked={columns.includes(field.key)}
                  onChange={() => toggle(field.key)}
                />
              ))}
          </ScrollArea.Autosize>
          <Button size="compact" variant="subtle" color="gray" fullWidth mt={4} onClick={() => onChange(undefined)}>
            {t('list.columnsReset')}
          </Button>
        </>
      )}
    </PopoverButton>
  );
}
