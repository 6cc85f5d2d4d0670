import type { ReactNode } from 'react';
import classes from './course.module.css';

/** How a part is called, also where it stands outside a head. */
export const courseLabel = classes.label ?? '';

export interface CourseStep {
  key: string;
  /** What stands on it, in a line or two. */
  inside: ReactNode;
  passed: boolean;
  current: boolean;
  /** Ends badly: it is shown so once it is reached. */
  lost: boolean;
}

interface Props<Step extends CourseStep> {
  label: string;
  /** What the way is called. */
  path: string;
  steps: readonly Step[];
  /** Goes to a step; nobody may where there is none. */
  onMove: ((step: Step) => void) | null;
  /** What is to be said and done where it stands. */
  children?: ReactNode;
}

/** The head of a record that goes a way: its steps, where it stands among them, and what is to be done there. */
export function Course<Step extends CourseStep>({ label, path, steps, onMove, children }: Props<Step>): ReactNode {
  return (
    <section className={classes.top} aria-label={label}>
      <ol className={classes.path} aria-label={path}>
        {steps.map((step) => (
          <li
            key={step.key}
            data-passed={step.passed || undefined}
            data-current={step.current || undefined}
            data-end={step.lost ? 'lost' : undefined}
          >
            <button
              type="button"
              disabled={onMove === null && !step.current}
              aria-current={step.current ? 'step' : undefined}
              onClick={() => onMove?.(step)}
            >
              {step.inside}
            </button>
          </li>
        ))}
      </ol>
      {children}
    </section>
  );
}

/** A part of what is to be done, under what it is called. */
export function CoursePart({ title, className, children }: { title: ReactNode; className?: string | undefined; children: ReactNode }) {
  return (
    <div className={className}>
      <h2 className={courseLabel}>{title}</h2>
      {children}
    </div>
  );
}
