import type { HTMLAttributes, ReactNode, Ref } from 'react';
import { TextLink } from '../links.tsx';
import { PageHeader } from '../page-header.tsx';
import { useWords } from '../words.ts';
import classes from './settings.module.css';

interface FrameProps {
  title: ReactNode;
  /** The way back, beside the title: to the settings unless another is given, `null` where there is none. */
  back?: ReactNode;
  /** The acts of the page, the primary one last. */
  acts?: ReactNode;
  /** What is not saved yet, below everything and always in sight. */
  unsaved?: ReactNode;
  /** The screen fills the room below the header itself. */
  bare?: boolean;
  children: ReactNode;
}

/** The frame of every screen of the settings: header with the way back, and what is below it in one column. */
export function SettingsFrame({ title, back, acts, unsaved, bare, children }: FrameProps): ReactNode {
  const { t } = useWords();
  const way =
    back === undefined ? (
      <TextLink className="pg-link" to="/settings">
        {t('settings.title')}
      </TextLink>
    ) : (
      back
    );
  return (
    <div className={classes.screen}>
      <PageHeader title={title} {...(way ? { aside: way } : {})}>
        {acts}
      </PageHeader>
      {bare ? children : <div className={classes.page}>{children}</div>}
      {unsaved}
    </div>
  );
}

interface PartProps extends Omit<HTMLAttributes<HTMLElement>, 'title'> {
  title?: ReactNode;
  /** Beside the title, at the end. */
  acts?: ReactNode;
  /** A table rather than a form. */
  wide?: boolean;
  ref?: Ref<HTMLElement>;
}

/** One part of a page of the settings, under its own heading. */
export function SettingsPart({ title, acts, wide, className, children, ...rest }: PartProps): ReactNode {
  const heading = title === undefined ? null : <h2>{title}</h2>;
  return (
    <section className={`${classes.part}${className ? ` ${className}` : ''}`} data-wide={wide || undefined} {...rest}>
      {acts === undefined ? (
        heading
      ) : (
        <div className={classes.head}>
          {heading}
          {acts}
        </div>
      )}
      {children}
    </section>
  );
}

/** Says what is changed and not saved, with what can be done about it. */
export function Unsaved({ label, said, children }: { label: string; said: string; children: ReactNode }): ReactNode {
  return (
    <section className={classes.unsaved} aria-label={label}>
      <p className="pg-ellipsis" aria-live="polite">
        {said}
      </p>
      {children}
    </section>
  );
}
