import { DirectionProvider, useDirection } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { directionOf, useWords } from '#ui/words.ts';

function Follow(): ReactNode {
  const { language } = useWords();
  const { setDirection } = useDirection();
  const direction = directionOf(language);
  useEffect(() => setDirection(direction), [direction, setDirection]);
  return null;
}

/** Tells all components which way the language in use is written, also after it changes. */
export function Direction({ children }: { children: ReactNode }): ReactNode {
  const { language } = useWords();
  return (
    <DirectionProvider initialDirection={directionOf(language)} detectDirection={false}>
      <Follow />
      {children}
    </DirectionProvider>
  );
}
