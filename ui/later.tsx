import { type ReactNode, startTransition, useEffect, useState } from 'react';

/**
 * False in the first `steps` drawings, then true. Each step is a drawing and a commit of its own, in slices that give way to
 * the keyboard and the mouse. (A deferred value would not do: nested ones are drawn and committed in one piece.)
 */
export function useLater(steps = 1): boolean {
  const [step, setStep] = useState(0);
  useEffect(() => {
    if (step < steps) startTransition(() => setStep(step + 1));
  }, [step, steps]);
  return step >= steps;
}

/**
 * Draws its children right after what stands beside it, those with fewer `steps` first: a page of many parts never holds the
 * browser for as long as all of them take together.
 */
export function Later({ steps = 1, children }: { steps?: number; children: ReactNode }): ReactNode {
  return useLater(steps) ? children : null;
}
