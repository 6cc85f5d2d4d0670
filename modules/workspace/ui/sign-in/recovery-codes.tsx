import { Button, CopyButton, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useWords } from '#ui/words.ts';
import classes from './sign-in.module.css';

/** Recovery codes, shown this once. */
export function RecoveryCodes({ codes, lead, onDone }: { codes: readonly string[]; lead: string; onDone: () => void }): ReactNode {
  const { t } = useWords();
  return (
    <div className={classes.setup}>
      <p>{lead}</p>
      <ul className={classes.codes} aria-label={t('factor.recovery')}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <Group justify="flex-end" gap="sm">
        <CopyButton value={codes.join('\n')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? 'factor.copied' : 'factor.copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{t('factor.kept')}</Button>
      </Group>
    </div>
  );
}
