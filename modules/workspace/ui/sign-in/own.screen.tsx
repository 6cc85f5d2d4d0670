import type { ReactNode } from 'react';
import { SettingsFrame } from '#ui/settings/settings-frame.tsx';
import { useWords } from '#ui/words.ts';
import { GrantedPart } from '../applications/granted-part.tsx';
import { FactorPart } from './factor-part.tsx';
import { LogPart } from './log-part.tsx';
import { PasskeysPart } from './passkeys-part.tsx';
import { SessionsPart } from './sessions-part.tsx';

/** One's own ways in: where one is signed in, and what was tried. */
export function OwnSignInScreen(): ReactNode {
  const { t } = useWords();
  return (
    <SettingsFrame title={t('devices.page')}>
      <PasskeysPart />
      <FactorPart />
      <SessionsPart />
      <GrantedPart />
      <LogPart user="me" title={t('signIns.mine')} />
    </SettingsFrame>
  );
}
