import { Select, Stack } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { post, request } from '../api.ts';
import { viewOf } from '../fields/registry.ts';
import { FormDialog } from '../form/form-dialog.tsx';
import { refusalOf } from '../form/refusal.ts';
import { useMeta } from '../meta.ts';
import { showUndo } from '../notify.tsx';
import { recordQuery, refreshAround } from '../record/use-record.ts';
import { type FieldMeta, type Page, type RecordData, readNamed } from '../wire.ts';
import { useWords } from '../words.ts';
import { type Missing, missingIn } from './missing.ts';
import { patchLists } from './refresh-list.ts';
import { groupText } from './use-figures.ts';

/** One small form for just what is missing; sent, the record goes on where it was moved. */
export function MissingDialog({ missing, onClose }: { missing: Missing; onClose: () => void }): ReactNode {
  const { object, record, field, value, outcome } = missing;
  const look = useWords();
  const { t, field: fieldWord } = look;
  const client = useQueryClient();
  const [keys, setKeys] = useState<readonly string[]>(missing.keys);
  const [values, setValues] = useState<Record<string, unknown>>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const fields = keys.flatMap((key) => object.fields.find((one) => one.key === key) ?? []);
  const refusal = refusalOf(failure, [...keys]);
  const to = groupText(object, field, typeof value === 'string' ? value : readNamed(value), look);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setFailure(null);
    const body: Record<string, unknown> = { [field.key]: viewOf(field.type).write(value, field) };
    for (const one of fields) {
      const written = viewOf(one.type).write(values[one.key] ?? null, one);
      if (written !== null) body[one.key] = written;
    }
    try {
      const { data, cause } = await request<RecordData>('PATCH', `/${object.plural}/${record.id}`, { body });
      client.setQueryData(recordQuery(object.plural, record.id).queryKey, data);
      patchLists(client, object.plural, record.id, data);
      onClose();
      showUndo(missing.said, cause);
      await refreshAround(client, object, record.id);
    } catch (problem) {
      // The stage may ask for more than was known when the form opened.
      const more = missingIn(problem, object);
      if (more) setKeys((was) => [...new Set([...was, ...more])]);
      setFailure(problem);
      setBusy(false);
    }
  };
  return (
    <FormDialog
      title={t('missing.title', { to })}
      failure={failure === null ? null : refusal.whole}
      act={t('missing.act', { to })}
      waits={busy}
      size={480}
      onSubmit={submit}
      onClose={onClose}
    >
      <Stack gap="md">
        {fields.map((one, index) => {
          const { Edit } = viewOf(one.type);
          const word = fieldWord(object.key, one.key);
          const change = (next: unknown): void => setValues((was) => ({ ...was, [one.key]: next }));
          return one.to === 'closeReason' && (outcome || object.key === 'lead') ? (
            <Reason
              key={one.key}
              field={one}
              outcome={outcome ?? 'lead'}
              label={word}
              value={values[one.key]}
              error={refusal.at(one.key)}
              onChange={change}
            />
          ) : (
            <Edit
              key={one.key}
              value={values[one.key] ?? null}
              onChange={change}
              field={one}
              object={object.key}
              label={word}
              ariaLabel={word}
              error={refusal.at(one.key)}
              required={!outcome || missing.keys.indexOf(one.key) < 0}
              autoFocus={index === 0}
            />
          );
        })}
      </Stack>
    </FormDialog>
  );
}

interface ReasonProps {
  field: FieldMeta;
  outcome: string;
  label: string;
  value: unknown;
  error: string | undefined;
  onChange: (value: unknown) => void;
}

/** The reasons that there are for such an end. */
function Reason({ field, outcome, label, value, error, onChange }: ReasonProps): ReactNode {
  const target = useMeta().object(field.to);
  const { data } = useQuery({
    queryKey: ['figures', target?.plural ?? '', outcome],
    queryFn: ({ signal }) =>
      post<Page>(
        `/${target?.plural}/query`,
        { where: { field: 'outcome', op: 'eq', value: outcome }, fields: ['name'], sort: ['position'], limit: 100 },
        signal,
      ),
    enabled: target !== undefined,
  });
  const rows = data?.items ?? [];
  return (
    <Select
      data-autofocus
      label={label}
      value={readNamed(value)?.id ?? null}
      data={rows.map((row) => ({ value: row.id, label: String(row.name ?? '') }))}
      onChange={(id) => onChange(id === null ? null : { id, name: String(rows.find((row) => row.id === id)?.name ?? '') })}
      error={error}
      clearable
    />
  );
}
