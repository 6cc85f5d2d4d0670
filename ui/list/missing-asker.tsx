import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { type Missing, onMissing } from './missing.ts';

const MissingDialog = lazy(async () => ({ default: (await import('./missing-dialog.tsx')).MissingDialog }));

/** Asks for what a record lacks for going where it was moved, from wherever it was moved. */
export function MissingAsker(): ReactNode {
  const [missing, setMissing] = useState<Missing | null>(null);
  useEffect(() => onMissing(setMissing), []);
  return (
    missing && (
      <Suspense>
        <MissingDialog key={`${missing.record.id} ${missing.keys.join()}`} missing={missing} onClose={() => setMissing(null)} />
      </Suspense>
    )
  );
}
