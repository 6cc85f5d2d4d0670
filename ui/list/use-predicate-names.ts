import { useEffect, useState } from 'react';
import { recordName } from '../fields/record-filter.tsx';
import { useMeta } from '../meta.ts';
import type { ObjectMeta } from '../wire.ts';
import { namedRecords } from './condition-text.ts';

const known = new Map<string, string>();

/** Names of the records that a predicate speaks of, as they become known: it carries their ids only. */
export function usePredicateNames(object: ObjectMeta, node: unknown): (id: string) => string {
  const meta = useMeta();
  const [, refresh] = useState(0);
  const asked = namedRecords(meta, object, node);
  const missing = asked
    .filter(({ id }) => !known.has(id))
    .map((one) => `${one.object} ${one.id}`)
    .join();
  useEffect(() => {
    if (missing === '') return;
    let live = true;
    const look = async (one: string): Promise<void> => {
      const [key = '', id = ''] = one.split(' ');
      const target = meta.object(key);
      if (target) known.set(id, await recordName(target, id));
    };
    void Promise.allSettled(missing.split(',').map(look)).then(() => live && refresh((count) => count + 1));
    return () => {
      live = false;
    };
  }, [missing, meta]);
  return (id) => known.get(id) ?? '…';
}
