import { type ReactNode, useState } from 'react';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { SettingsFrame, SettingsPart } from '#ui/settings/settings-frame.tsx';
import type { Named } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { KeysPart } from '../keys/keys-part.tsx';
import { DemandPart, FactorPart } from './factor-part.tsx';
import { LinkPart } from './link-part.tsx';
import { LogPart } from './log-part.tsx';
import { SessionsPart } from './sessions-part.tsx';
import classes from './sign-in.module.css';

/** For administrators: who signed in and who was refused; of one user also where they are in, to be ended. */
export function EverybodysSignInsScreen(): ReactNode {
  const { t } = useWords();
  const [user, setUser] = useState<Named | null>(null);
  return (
    <SettingsFrame title={t('signIns.title')}>
      <SettingsPart>
        <div className={classes.picker}>
          <RecordPicker
            object="user"
            value={user}
            onChange={setUser}
            label={t('signIns.whose')}
            ariaLabel={t('signIns.whose')}
            placeholder={t('signIns.everybody')}
          />
        </div>
      </SettingsPart>
      {user ? (
        <>
          <LinkPart key={`link-${user.id}`} user={user} />
          <FactorPart user={user} />
          <SessionsPart key={user.id} user={user} />
          <KeysPart key={`keys-${user.id}`} user={user} />
        </>
      ) : (
        <DemandPart />
      )}
      <LogPart {...(user ? { user: user.id } : {})} title={user ? t('signIns.of', { name: user.name }) : t('signIns.all')} />
    </SettingsFrame>
  );
}
