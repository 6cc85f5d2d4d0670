import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { onProofNeeded } from '../api.ts';

const ProofDialog = lazy(async () => ({ default: (await import('./proof-dialog.tsx')).ProofDialog }));

/** Asks who sits there to prove that it is them when a dangerous act demands it: once, however many requests wait for it. */
export function ProofAsker(): ReactNode {
  const [answer, setAnswer] = useState<((proved: boolean) => void) | null>(null);
  useEffect(() => {
    let asked: Promise<boolean> | null = null;
    return onProofNeeded(() => {
      asked ??= new Promise<boolean>((resolve) => {
        setAnswer(() => (proved: boolean) => {
          asked = null;
          setAnswer(null);
          resolve(proved);
        });
      });
      return asked;
    });
  }, []);
  return (
    answer && (
      <Suspense>
        <ProofDialog onDone={answer} />
      </Suspense>
    )
  );
}
