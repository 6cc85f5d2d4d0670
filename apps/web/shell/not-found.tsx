import type { ReactNode } from 'react';
import { ButtonLink } from '#ui/links.tsx';
import { useWords } from '#ui/words.ts';
import classes from './shell.module.css';

/** An address that leads nowhere, or to what this user may not see. */
export function NotFound(): ReactNode {
  const { t } = useWords();
  return (
    <div className={classes.plain}>
      <p>{t('shell.notFound')}</p>
      <ButtonLink variant="default" to="/">
        {t('shell.home')}
      </ButtonLink>
    </div>
  );
}
