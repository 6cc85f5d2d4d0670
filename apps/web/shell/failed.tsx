import { Button } from '@mantine/core';
import type { ErrorComponentProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { failureText } from '#ui/failure.ts';
import { useWords } from '#ui/words.ts';
import classes from './shell.module.css';

/** A screen that could not be shown: what is wrong and one way on. */
export function Failed({ error }: ErrorComponentProps): ReactNode {
  const { t } = useWords();
  return (
    <div className={classes.plain} role="alert">
      <p>{failureText(error)}</p>
      <Button variant="default" onClick={() => window.location.reload()}>
        {t('shell.reload')}
      </Button>
    </div>
  );
}
