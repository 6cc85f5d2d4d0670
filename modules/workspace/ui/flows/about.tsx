import type { ReactNode } from 'react';
import type { Step } from '#engine/declare/flow.ts';
import { predicateText } from '#ui/list/condition-text.ts';
import { usePredicateNames } from '#ui/list/use-predicate-names.ts';
import { useMeta } from '#ui/meta.ts';
import type { ObjectMeta } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { useStepWords } from './flows.ts';

/** What a step is about, in a line. */
export function About({ step, object }: { step: Step; object: string }): ReactNode {
  const { about } = useStepWords();
  return step.do === 'wait' && step.when ? <UntilSo object={object} when={step.when} /> : about(step, object);
}

/** What is waited for, as a sentence. */
export function UntilSo({ object, when }: { object: string; when: unknown }): ReactNode {
  const known = useMeta().object(object);
  return known ? <Sentence object={known} when={when} /> : null;
}

function Sentence({ object, when }: { object: ObjectMeta; when: unknown }): ReactNode {
  const { t } = useWords();
  const condition = predicateText(useMeta(), object, when, usePredicateNames(object, when));
  return condition === '' ? null : t('flows.untilSo', { condition });
}
