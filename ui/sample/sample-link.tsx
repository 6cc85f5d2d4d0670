import { Anchor } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { showFailure } from '../notify.tsx';
import { useWords } from '../words.ts';
import { loadSample, useSample } from './sample.ts';

/** The quiet way to a base with something in it, where there is nothing yet. */
export function SampleLink(): ReactNode {
  const { t } = useWords();
  const sample = useSample();
  const [asked, setAsked] = useState(false);
  if (sample?.state === 'loading') return <span className="pg-secondary">{t('sample.loading')}</span>;
  if (sample?.state !== 'none' || asked) return null;
  const load = async (): Promise<void> => {
    setAsked(true);
    try {
      await loadSample();
    } catch (failure) {
      showFailure(failure);
    }
    setAsked(false);
  };
  return (
    <Anchor component="button" type="button" size="sm" onClick={() => void load()}>
      {t('sample.load')}
    </Anchor>
  );
}
