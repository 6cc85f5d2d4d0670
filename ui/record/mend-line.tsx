import { IconChevronDown } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import { get } from '../api.ts';
import { formatNumber } from '../format.ts';
import { iconLook } from '../icons.ts';
import type { ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './record.module.css';

interface Fault {
  id: string;
  name: string;
  /** The one field by which it is mended. */
  field: string | null;
}

interface Props {
  object: ObjectMeta;
  record: RecordData;
  /** Whether a field stands here to be edited. */
  isHere: (field: string) => boolean;
  onMend: (field: string) => void;
}

/** What the company's rules of data quality find wanting in a record: a quiet line for who may mend it, which opens into the list. */
export function MendLine({ object, record, isHere, onMend }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  const id = useId();
  const [open, setOpen] = useState(false);
  const { data: faults } = useQuery({
    // Asked anew with every version of the record, and whenever a rule changed.
    queryKey: ['quality', object.key, record.id, record.version],
    queryFn: async ({ signal }) => (await get<{ items: Fault[] }>(`/${object.plural}/${record.id}/quality`, {}, signal)).items,
    enabled: object.verbs.update,
    placeholderData: (held, last) => (last?.queryKey[2] === record.id ? held : undefined),
  });
  const count = faults?.length ?? 0;
  if (!faults || count === 0) return null;
  return (
    <div className={classes.mend}>
      <button type="button" className={classes.mendLine} aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        {t('mend.toMend', { count, n: formatNumber(count, 0) })}
        <IconChevronDown {...iconLook} />
      </button>
      <ul id={id} hidden={!open}>
        {faults.map(({ id: rule, name, field }) => (
          <li key={rule}>
            {field !== null && isHere(field) ? (
              <button
                type="button"
                className="pg-link"
                aria-label={t('mend.open', { rule: name, field: fieldWord(object.key, field) })}
                onClick={() => onMend(field)}
              >
                {name}
              </button>
            ) : (
              name
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
