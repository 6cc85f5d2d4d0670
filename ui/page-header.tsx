import type { ReactNode } from 'react';
import classes from './page-header.module.css';

interface Props {
  title: ReactNode;
  /** Directly behind the title: a menu of what else it may be. */
  after?: ReactNode;
  /** Beside the title, fainter: a count, a path. */
  aside?: ReactNode;
  /** At the end: the acts of the page, the primary one last. */
  children?: ReactNode;
}

/** The 48 px line at the top of a page. */
export function PageHeader({ title, after, aside, children }: Props): ReactNode {
  return (
    <header className={classes.header}>
      <h1 className={classes.title}>{title}</h1>
      {after}
      {aside !== undefined && <span className={classes.aside}>{aside}</span>}
      <div className={classes.acts}>{children}</div>
    </header>
  );
}
