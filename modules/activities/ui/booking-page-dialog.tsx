import { Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { request } from '#ui/api.ts';
import { viewOf } from '#ui/fields/registry.ts';
import { FormDialog } from '#ui/form/form-dialog.tsx';
import { refusalOf } from '#ui/form/refusal.ts';
import { fieldOf } from '#ui/meta.ts';
import { showUndo } from '#ui/notify.tsx';
import type { ObjectMeta, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import classes from './booking-pages.module.css';
import { refreshPages } from './booking-pages.ts';
import { type DayHours, type Question, readDays, readQuestions, type Stretch, writeDays, writeQuestions } from './hours.ts';
import { readWeek, type TypedHours, typedHours, WeekHoursInput, workingHoursQuery } from './week-hours.tsx';

const slugOf = (title: string): string =>
  title
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 60);

interface Props {
  object: ObjectMeta;
  page: RecordData | null;
  onClose: () => void;
}

/** Makes or changes a booking page: what its declaration says, and the hours as one types them. */
export function BookingPageDialog({ object, page, onClose }: Props): ReactNode {
  const { t, field: fieldWord } = useWords();
  const fields = object.form.flatMap((section) => section.fields).flatMap((key) => fieldOf(object, key) ?? []);
  const [values, setValues] = useState<Record<string, unknown>>(() =>
    Object.fromEntries(fields.map((field) => [field.key, page ? page[field.key] : field.default])),
  );
  const [addressed, setAddressed] = useState(page !== null);
  const held = page?.hours as Record<string, Stretch[]> | null | undefined;
  const works = useQuery(workingHoursQuery).data?.hours;
  const [typed, setHours] = useState<TypedHours | null>(() => (held ? typedHours(held) : null));
  // Until somebody types, a new page has the hours in which they work.
  const hours = typed ?? typedHours(works ?? {});
  const [days, setDays] = useState(() => writeDays((page?.exceptions as DayHours[] | null | undefined) ?? []));
  const [questions, setQuestions] = useState(() => writeQuestions((page?.questions as Question[] | null | undefined) ?? []));
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState(false);
  const refusal = refusalOf(failure, [...fields.map(({ key }) => key), 'hours', 'exceptions', 'questions']);
  const week = readWeek(hours);
  const others = readDays(days);
  const change = (key: string, value: unknown): void => {
    if (key === 'slug') setAddressed(true);
    setValues((was) => ({
      ...was,
      [key]: value,
      // The address follows the title until it is written by hand.
      ...(key === 'title' && !addressed ? { slug: slugOf(String(value ?? '')) } : {}),
    }));
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setTried(true);
    if (week === null || others === null) return;
    setBusy(true);
    setFailure(null);
    const body: Record<string, unknown> = {
      hours: week,
      exceptions: others,
      questions: readQuestions(questions),
    };
    for (const field of fields) body[field.key] = viewOf(field.type).write(values[field.key] ?? null, field);
    // Who owns it and on whose clocks it is follows from who makes it.
    if (!page) for (const key of ['owner', 'timeZone']) if (body[key] === null) delete body[key];
    try {
      const { cause } = page
        ? await request('PATCH', `/bookingPages/${page.id}`, { body })
        : await request('POST', '/bookingPages', { body });
      showUndo(t('bookingPages.saved', { name: String(values.title ?? '') }), cause, () => void refreshPages());
      onClose();
      await refreshPages();
    } catch (problem) {
      setFailure(problem);
      setBusy(false);
    }
  };
  return (
    <FormDialog
      title={t(page ? 'bookingPages.edit' : 'bookingPages.new')}
      size={640}
      failure={failure === null ? null : refusal.whole}
      act={t(page ? 'bookingPages.save' : 'bookingPages.create')}
      waits={busy || !values.title}
      onSubmit={submit}
      onClose={onClose}
    >
      {object.form.map((section) => (
        <div key={section.key} className={section.columns === 2 ? classes.pair : classes.single}>
          {fields
            .filter(({ key }) => section.fields.includes(key))
            .map((field) => {
              const { Edit } = viewOf(field.type);
              const word = fieldWord(object.key, field.key);
              return (
                <Edit
                  key={field.key}
                  value={values[field.key] ?? null}
                  onChange={(value) => change(field.key, value)}
                  field={field}
                  object={object.key}
                  label={word}
                  ariaLabel={word}
                  error={refusal.at(field.key)}
                  autoFocus={field.key === object.title}
                />
              );
            })}
        </div>
      ))}
      <WeekHoursInput
        title={fieldWord(object.key, 'hours')}
        value={hours}
        onChange={setHours}
        tried={tried}
        problem={refusal.at('hours')}
      />
      <Textarea
        label={fieldWord(object.key, 'exceptions')}
        description={t('bookingPages.daysHint')}
        autosize
        minRows={2}
        value={days}
        onChange={({ currentTarget }) => setDays(currentTarget.value)}
        error={tried && others === null ? t('bookingPages.daysWrong') : refusal.at('exceptions')}
      />
      <Textarea
        label={fieldWord(object.key, 'questions')}
        description={t('bookingPages.questionsHint')}
        autosize
        minRows={2}
        value={questions}
        onChange={({ currentTarget }) => setQuestions(currentTarget.value)}
        error={refusal.at('questions')}
      />
    </FormDialog>
  );
}
