import type { ReactNode } from 'react';
import { SetUpScreen } from '#modules/workspace/ui/set-up.screen.tsx';
import { languages, speak } from '../words.ts';

/** The first run, in any language the app speaks. */
export function SetUpRoute(): ReactNode {
  return <SetUpScreen languages={languages} speak={speak} />;
}
