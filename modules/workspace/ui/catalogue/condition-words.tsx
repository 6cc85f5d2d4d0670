import type { ReactNode } from 'react';
import { predicateText } from '#ui/list/condition-text.ts';
import { usePredicateNames } from '#ui/list/use-predicate-names.ts';
import { useMeta } from '#ui/meta.ts';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';

/** Which records something is about: “Where industry is empty”. */
export function ConditionWords({ object, condition }: { object: ObjectMeta; condition: unknown }): ReactNode {
  const { t } = useWords();
  const names = usePredicateNames(object, condition);
  return <p className="pg-secondary">{t('catalogue.where', { condition: predicateText(useMeta(), object, condition, names) })}</p>;
}
