import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useSample } from '#ui/sample/sample.ts';
import { useWords } from '#ui/words.ts';
import classes from './shell.module.css';

/** Says to whoever looks after the base that not all in it is real, and leads to where it goes. */
export function SampleLine(): ReactNode {
  const { t } = useWords();
  const sample = useSample();
  if (!sample || sample.state === 'none') return null;
  const word = sample.state === 'loading' ? t('sample.loading') : sample.state === 'removing' ? t('sample.removing') : t('sample.line');
  return (
    <Link className={classes.sample} to="/settings" hash="sample">
      <span className="pg-ellipsis">{word}</span>
      {(sample.state === 'loaded' || sample.state === 'broken') && <span className={classes.sampleAct}>{t('sample.removeToo')}</span>}
    </Link>
  );
}
