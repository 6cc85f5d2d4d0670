import type { ReactNode } from 'react';
import { predicateText } from '#ui/list/condition-text.ts';
import { usePredicateNames } from '#ui/list/use-predicate-names.ts';
import { useMeta } from '#ui/meta.ts';
import type { ObjectMeta } from '#ui/wire.ts';
import classes from './rule-rows.module.css';

/** The look of a list of rules, a row each. */
export const ruleRows = classes.rows ?? '';

/** What a rule is called, which opens it where one may change it, and below what it says. */
export function RuleWords({ name, onOpen, children }: { name: string; onOpen: (() => void) | null; children: ReactNode }): ReactNode {
  return (
    <span className={classes.grow}>
      {onOpen ? (
        <button type="button" data-name className={classes.name} onClick={onOpen}>
          {name}
        </button>
      ) : (
        <span className={classes.strong}>{name}</span>
      )}
      <span className={classes.quiet}>{children}</span>
    </span>
  );
}

/** A condition in words. */
export function ConditionText({ object, condition }: { object: ObjectMeta; condition: unknown }): ReactNode {
  const meta = useMeta();
  const names = usePredicateNames(object, condition);
  return predicateText(meta, object, condition, names);
}
