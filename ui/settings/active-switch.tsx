import { Switch } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '../words.ts';

interface Props {
  active: boolean;
  /** What is switched, for who does not see beside what it stands. */
  label: string;
  onChange: (active: boolean) => void;
}

/** Switches one thing of a list on or off, beside its name. */
export function ActiveSwitch({ active, label, onChange }: Props): ReactNode {
  const { t } = useWords();
  return (
    <Switch
      checked={active}
      onChange={(event) => onChange(event.currentTarget.checked)}
      label={t(active ? 'switch.on' : 'switch.off')}
      aria-label={label}
    />
  );
}
