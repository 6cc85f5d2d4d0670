import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useMeta } from '../meta.ts';
import type { Named } from '../wire.ts';
import classes from './fields.module.css';

/** A record's name that leads to its page; plain words where its object may not be read. */
export function RecordLink({ object, to }: { object: string | undefined; to: Named }): ReactNode {
  const target = useMeta().object(object);
  if (!target) return <span title={to.name}>{to.name}</span>;
  return (
    <Link
      className={`${classes.reference} pg-target`}
      to="/o/$plural/$id"
      params={{ plural: target.plural, id: to.id }}
      title={to.name}
      onClick={(event) => event.stopPropagation()}
    >
      {to.name}
    </Link>
  );
}
