import type { ReactNode } from 'react';
import { useWords } from '#ui/words.ts';
import { deviceOf } from './device.ts';

/** “Firefox on Windows”, as far as it is known. */
export function DeviceName({ agent }: { agent: string | null }): ReactNode {
  const { t } = useWords();
  const { program, system } = deviceOf(agent);
  if (program && system) return t('devices.on', { program, system });
  return program ?? system ?? t('devices.unknown');
}
