import { Alert, Button, Group, Modal, SegmentedControl, Stack } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { ApiError, request } from '../api.ts';
import { LikeLine } from '../duplicates/like-line.tsx';
import { problemText, refusalText } from '../failure.ts';
import { viewOf } from '../fields/registry.ts';
import { fieldOf } from '../meta.ts';
import { showUndo } from '../notify.tsx';
import { useSession } from '../session.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './form.module.css';
import { isKnown, readsOf } from './formula-reads.ts';
import { Reckoned } from './reckoned.tsx';
import { sectionsFor, sectionTitle } from './sections.ts';
import { useConditions } from './use-conditions.ts';
import { useReckoner } from './use-reckoner.ts';

/** What a new record may appear in. */
const shownAround = new Set(['list', 'related', 'overview', 'timeline']);

interface Props {
  object: ObjectMeta;
  /** Values given by where the dialog was opened, such as the customer. */
  preset?: Record<string, unknown>;
  onClose: () => void;
  /** Without it the new record opens. */
  onCreated?: (record: RecordData) => void;
}

function openingValues(object: ObjectMeta, preset: Record<string, unknown> | undefined): Record<string, unknown> {
  const defaults = Object.fromEntries(
    object.fields.filter((field) => field.default !== undefined).map((field) => [field.key, field.default]),
  );
  const variant =
    object.variants && !(object.variants.field in defaults) ? { [object.variants.field]: Object.keys(object.variants.forms)[0] } : {};
  return { ...defaults, ...variant, ...preset };
}

/** What is typed so far, as it would travel: what conditions of the form are judged by. */
function wireValues(object: ObjectMeta, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      const field = fieldOf(object, key);
      return [key, field ? viewOf(field.type).write(value, field) : value];
    }),
  );
}

/** Makes a record: the declared form, problems at their fields, nothing lost when the server refuses. */
export function CreateDialog({ object, preset, onClose, onCreated }: Props): ReactNode {
  const words = useWords();
  const { t, object: objectWord, field: fieldWord, option, inSentence } = words;
  const navigate = useNavigate();
  const client = useQueryClient();
  const session = useSession();
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const [values, setValues] = useState(() => openingValues(object, preset));
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [saving, setSaving] = useState(false);
  // One key for the life of the dialog: pressing twice, or again after a lost answer, makes one record.
  const idempotencyKey = useMemo(() => crypto.randomUUID(), []);
  const holds = useConditions(object);
  const variants = object.variants;
  const wire = wireValues(object, values);
  const declared = sectionsFor(object, wire, holds);
  const isTyped = (field: FieldMeta): boolean => !field.readOnly && field.key !== variants?.field && !viewOf(field.type).derived;
  const typed = new Set(declared.flatMap((section) => section.fields.filter(isTyped).map((field) => field.key)));
  // Nothing is typed into figures; a formula shows where it follows from what is typed.
  const follows = (field: FieldMeta): boolean =>
    field.expression !== undefined && [...readsOf(object, field)].some((key) => typed.has(key));
  const sections = declared
    .map((section) => ({ ...section, fields: section.fields.filter((field) => isTyped(field) || follows(field)) }))
    .filter((section) => section.fields.length > 0);
  const reckon = useReckoner(
    object,
    declared.some((section) => section.fields.some(follows)),
  );
  const variantField = variants ? fieldOf(object, variants.field) : undefined;
  const name = inSentence(objectWord(object.key));
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    // The dialog's focus trap takes the first control; the first field is the one people begin with.
    const timer = setTimeout(() => form.current?.querySelector<HTMLElement>('[data-first] :is(input, textarea)')?.focus(), 50);
    return () => clearTimeout(timer);
  }, []);
  const first = sections.flatMap((section) => section.fields).find(isTyped);

  const shown = new Set([
    ...sections.flatMap((section) => section.fields.map((field) => field.key)),
    ...Object.keys(preset ?? {}),
    ...(variants ? [variants.field] : []),
  ]);
  const body: Record<string, unknown> = {};
  for (const key of shown) {
    const field = fieldOf(object, key);
    if (!field || (field.readOnly && preset?.[key] === undefined)) continue;
    const value = viewOf(field.type).write(values[key], field);
    if (value !== null) body[key] = value;
  }

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setSaving(true);
    setFailure(null);
    setErrors({});
    try {
      const { data, cause } = await request<RecordData>('POST', `/${object.plural}`, {
        body,
        headers: { 'idempotency-key': idempotencyKey },
      });
      await client.invalidateQueries({ predicate: (query) => shownAround.has(String(query.queryKey[0])) });
      onClose();
      showUndo(t('record.created', { name: String(data[object.title] ?? '') }), cause);
      if (onCreated) onCreated(data);
      else void navigate({ to: '/o/$plural/$id', params: { plural: object.plural, id: data.id } });
    } catch (problem) {
      const byField: Record<string, string> = {};
      if (problem instanceof ApiError) {
        for (const one of problem.errors) byField[one.path.split('.')[0] ?? ''] ??= problemText(one);
      }
      setErrors(byField);
      const unseen = Object.keys(byField)
        .filter((key) => !shown.has(key))
        .map((key) => byField[key]);
      setFailure(Object.keys(byField).length === 0 || unseen.length > 0 ? [refusalText(problem), ...unseen].join(' ') : null);
    } finally {
      setSaving(false);
    }
  };

  return (
    <Modal
      opened
      onClose={onClose}
      title={t('form.newTitle', { object: name })}
      size={560}
      fullScreen={phone}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form
        ref={form}
        onSubmit={(event) => void submit(event)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) form.current?.requestSubmit();
        }}
        noValidate
      >
        <Stack gap="lg">
          {failure && (
            <Alert color="danger" variant="light" role="alert">
              {failure}
            </Alert>
          )}
          {variants && variantField && (
            <SegmentedControl
              aria-label={fieldWord(object.key, variants.field)}
              value={String(values[variants.field] ?? '')}
              onChange={(kind) => setValues({ ...values, [variants.field]: kind })}
              data={Object.keys(variants.forms).map((kind) => ({ value: kind, label: option(object.key, variants.field, kind) }))}
            />
          )}
          {sections.map((section, index) => (
            <div key={section.key} className={classes.section} data-columns={section.columns}>
              {sections.length > 1 && index > 0 && <h2 className={classes.sectionTitle}>{sectionTitle(words, object.key, section.key)}</h2>}
              {section.fields.map((field) => {
                const { Edit } = viewOf(field.type);
                const word = fieldWord(object.key, field.key);
                if (follows(field)) {
                  const value = reckon && isKnown(object, field, wire) ? reckon(field.key, wire) : null;
                  return <Reckoned key={field.key} object={object} field={field} value={value} />;
                }
                return (
                  <div
                    key={field.key}
                    data-first={field.key === first?.key || undefined}
                    data-wide={section.wide.includes(field.key) || undefined}
                  >
                    <Edit
                      value={values[field.key] ?? null}
                      onChange={(value) => setValues((was) => ({ ...was, [field.key]: value }))}
                      field={field}
                      object={object.key}
                      label={word}
                      ariaLabel={word}
                      error={errors[field.key]}
                      required={field.required}
                    />
                  </div>
                );
              })}
            </div>
          ))}
          <div className={classes.foot}>
            {object.duplicates && <LikeLine object={object} values={body} />}
            <Group justify="flex-end" gap="sm">
              <Button variant="default" onClick={onClose}>
                {t('action.cancel')}
              </Button>
              <Button type="submit" disabled={saving || session === null}>
                {t('form.create', { object: name })}
              </Button>
            </Group>
          </div>
        </Stack>
      </form>
    </Modal>
  );
}
