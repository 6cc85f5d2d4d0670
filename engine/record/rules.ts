import type { RuleBook, Rules } from './context.ts';

/** Collects the rules of all modules. */
export function ruleBook(rules: readonly Rules[]): RuleBook {
  const byObject = new Map<string, Rules[]>();
  for (const rule of rules) byObject.set(rule.object, [...(byObject.get(rule.object) ?? []), rule]);
  return { of: (object) => byObject.get(object) ?? [] };
}
