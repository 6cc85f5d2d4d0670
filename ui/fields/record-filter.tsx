import { Pill, PillGroup } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { get } from '../api.ts';
import { useMeta } from '../meta.ts';
import type { Named, ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import type { FilterProps } from './field-view.tsx';
import { listed, valueless } from './filter-controls.tsx';
import { RecordPicker } from './record-picker.tsx';

function idsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : [];
}

const names = new Map<string, string>();

/** Name of a record by id; a filter carries ids only, its words are asked for once. */
export async function recordName(target: ObjectMeta, id: string): Promise<string> {
  const kept = names.get(id);
  if (kept !== undefined) return kept;
  const record = await get<RecordData>(`/${target.plural}/${id}`, {});
  const name = String(record[target.title] ?? '');
  names.set(id, name);
  return name;
}

/** Keeps a name that is already known, as from a picker. */
export function rememberName({ id, name }: Named): void {
  names.set(id, name);
}

/** Names of the records that a filter value holds, as they become known. */
export function useRecordNames(object: string | undefined, value: unknown): Named[] {
  const target = useMeta().object(object);
  const ids = idsOf(value);
  const [, refresh] = useState(0);
  const missing = ids.filter((id) => !names.has(id)).join();
  useEffect(() => {
    if (!target || missing === '') return;
    let live = true;
    Promise.allSettled(missing.split(',').map((id) => recordName(target, id))).then(() => live && refresh((count) => count + 1));
    return () => {
      live = false;
    };
  }, [target, missing]);
  return ids.map((id) => ({ id, name: names.get(id) ?? '…' }));
}

/** Chooses the records to compare a reference with. */
export function RecordFilter({ op, value, onChange, field }: FilterProps): ReactNode {
  const { t } = useWords();
  const chosen = useRecordNames(field.to ?? (field.type === 'user' ? 'user' : undefined), value);
  if (valueless.has(op)) return null;
  const several = listed.has(op);
  const object = field.to ?? (field.type === 'user' ? 'user' : undefined);
  const set = (picked: Named | null): void => {
    if (picked) rememberName(picked);
    if (several) {
      if (picked) onChange([...new Set([...idsOf(value), picked.id])]);
    } else {
      onChange(picked?.id ?? null);
    }
  };
  return (
    <>
      {several && chosen.length > 0 && (
        <PillGroup>
          {chosen.map((one) => (
            <Pill
              key={one.id}
              withRemoveButton
              onRemove={() => onChange(idsOf(value).filter((id) => id !== one.id))}
              removeButtonProps={{ 'aria-label': t('filter.removeValue', { name: one.name }) }}
            >
              {one.name}
            </Pill>
          ))}
        </PillGroup>
      )}
      <RecordPicker
        object={object}
        value={several ? null : (chosen[0] ?? null)}
        onChange={set}
        ariaLabel={t('filter.value')}
        withinPortal={false}
        autoFocus
      />
    </>
  );
}
