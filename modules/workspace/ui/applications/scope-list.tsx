import type { ReactNode } from 'react';
import { useMeta } from '#ui/meta.ts';
import { useWords } from '#ui/words.ts';
import classes from './applications.module.css';
import { scopeText } from './applications.ts';

/** What a program may do, a line for each scope. */
export function ScopeList({ scopes }: { scopes: readonly string[] }): ReactNode {
  const { plural, inSentence } = useWords();
  const meta = useMeta();
  const objectOf = (wanted: string): string | null => {
    const found = meta.objects.find((object) => object.plural === wanted);
    return found ? inSentence(plural(found.key)) : null;
  };
  return (
    <ul className={classes.scopes}>
      {scopes.map((scope) => (
        <li key={scope}>{scopeText(scope, objectOf)}</li>
      ))}
    </ul>
  );
}
