import { Button, Group, Modal, SegmentedControl, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from 'react';
import { ApiError, post, request } from '#ui/api.ts';
import { failureText, problemsByField } from '#ui/failure.ts';
import { RecordPicker } from '#ui/fields/record-picker.tsx';
import { dayFromToday } from '#ui/format.ts';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { showUndo } from '#ui/notify.tsx';
import { queryClient } from '#ui/query-client.ts';
import { dueFields, readWhen, whenText } from '#ui/when.ts';
import type { Named, Page } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { captureObjects, captureRequest, type Due, dueDays, guessExpiry, type Kind, kinds } from './capture.ts';

/** What was being written when the dialog or the browser closed is there again. */
const draftKey = 'perigon.capture';
const sourceKey = 'perigon.capture.source';

/** What need not be about a customer. */
const withoutParty: ReadonlySet<Kind> = new Set(['task', 'meeting', 'next']);
/** What has a day or a time. */
const dated: ReadonlySet<Kind> = new Set(['call', 'task', 'promise', 'meeting']);

const openDealsOf = (party: string): object => ({
  all: [
    { field: 'customer', op: 'eq', value: party },
    { field: 'stage.category', op: 'eq', value: 'open' },
  ],
});

interface Props {
  kind: Kind;
  /** The customer of the page on screen. */
  subject: Named | null;
  onClose: () => void;
}

/** A note, call, task, promise, meeting, next step, fact or lead in one line: who is known from the page, Enter saves. */
export function Capture({ kind: first, subject, onClose }: Props): ReactNode {
  const { t, field, object: objectWord, option, language } = useWords();
  const meta = useMeta();
  const known = meta.object('fact');
  const kindField = known && fieldOf(known, 'kind');
  const offered = kinds.filter((one) => {
    const asks = captureObjects[one];
    return !asks || meta.object(asks.object)?.verbs[asks.verb] === true;
  });
  const phone = useMediaQuery('(width < 768px)', false, { getInitialValueInEffect: false });
  const [kind, setKind] = useState<Kind>(first);
  const [party, setParty] = useState<Named | null>(subject);
  const [text, setText] = useState(() => localStorage.getItem(draftKey) ?? '');
  const [due, setDue] = useState<string>(first === 'promise' ? 'tomorrow' : 'none');
  // Typed, a time counts more than a day that was chosen.
  const [typed, setTyped] = useState('');
  const when = readWhen(typed);
  const [deal, setDeal] = useState<Named | null>(null);
  const deals = useQuery({
    queryKey: ['look-up', 'opportunity', 'of', party?.id],
    queryFn: ({ signal }) =>
      post<Page>('/opportunities/query', { where: openDealsOf(party?.id ?? ''), fields: ['name'], sort: ['-createdAt'], limit: 1 }, signal),
    enabled: kind === 'next' && party !== null,
  });
  const [likely] = deals.data?.items ?? [];
  // The deal that is worked at, until another is chosen.
  const chosenDeal = deal ?? (likely ? { id: likely.id, name: String(likely.name ?? '') } : null);
  const [source, setSource] = useState(() => localStorage.getItem(sourceKey) ?? '');
  const [factKind, setFactKind] = useState(() => String(kindField?.default ?? 'preference'));
  // Until somebody chooses a day, the words say until when it holds.
  const [chosen, setChosen] = useState<string | null | undefined>(undefined);
  const expiresOn = chosen === undefined ? guessExpiry(text, dayFromToday(0), language) : chosen;
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [busy, setBusy] = useState(false);
  const key = useMemo(() => crypto.randomUUID(), []);
  const form = useRef<HTMLFormElement>(null);
  const write = (next: string): void => {
    setText(next);
    if (next === '') localStorage.removeItem(draftKey);
    else localStorage.setItem(draftKey, next);
  };
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const missing: Record<string, string> = {};
    if (!party && !withoutParty.has(kind)) missing.party = t('capture.who');
    if (kind === 'next' && !chosenDeal) missing.deal = t('capture.whichDeal');
    if (typed.trim() !== '' && !when) missing.when = t('capture.noTime');
    else if (kind === 'meeting' && !when) missing.when = t('capture.whenMeeting');
    if (text.trim() === '') missing.subject = t('capture.what');
    setErrors(missing);
    if (Object.keys(missing).length > 0 || busy) return;
    setBusy(true);
    try {
      const days = dueDays[due];
      const asked: Due = when ? dueFields(when) : days === undefined || kind === 'meeting' ? null : { dueOn: dayFromToday(days) };
      const { method, path, body } = captureRequest(kind, text, party?.id ?? null, asked, {
        fact: { kind: factKind, source, expiresOn },
        deal: chosenDeal?.id,
      });
      const { cause } = await request(method ?? 'POST', path, { body, headers: { 'idempotency-key': key } });
      localStorage.removeItem(draftKey);
      if (kind === 'fact') localStorage.removeItem(sourceKey);
      onClose();
      await queryClient.invalidateQueries({
        predicate: (query) =>
          ['list', 'record', 'related', 'figures', 'overview', 'brief', 'timeline', 'my-day'].includes(String(query.queryKey[0])),
      });
      showUndo(t(`capture.${kind}.done`, { name: (kind === 'next' ? chosenDeal?.name : party?.name) ?? '' }), cause);
    } catch (failure) {
      const own = failure instanceof ApiError ? problemsByField(failure) : {};
      setErrors(Object.keys(own).length > 0 ? own : { subject: failureText(failure) });
      setBusy(false);
    }
  };
  // Shift and Enter make a new line, as in any chat; Enter alone saves.
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    form.current?.requestSubmit();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('capture.title')}
      size={480}
      yOffset="16vh"
      fullScreen={phone}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
        <Stack gap="md">
          <SegmentedControl
            aria-label={t('capture.kind')}
            value={kind}
            onChange={(next) => setKind(next as Kind)}
            data={offered.map((one) => ({ value: one, label: t(`capture.${one}`) }))}
          />
          <RecordPicker
            object="party"
            value={party}
            onChange={setParty}
            label={t('party.name')}
            ariaLabel={t('party.name')}
            error={errors.party}
            autoFocus={subject === null}
          />
          <Textarea
            label={t(`capture.${kind}.what`)}
            value={text}
            onChange={(event) => write(event.currentTarget.value)}
            onKeyDown={onKey}
            error={errors.subject ?? errors.body ?? errors.text}
            autosize
            minRows={2}
            maxRows={10}
            data-autofocus={subject !== null || undefined}
          />
          {kind === 'fact' && (
            <>
              <Group grow align="flex-start" gap="sm">
                <Select
                  label={field('fact', 'kind')}
                  allowDeselect={false}
                  value={factKind}
                  onChange={(next) => next && setFactKind(next)}
                  data={(kindField?.options ?? []).map(({ key: one }) => ({ value: one, label: option('fact', 'kind', one) }))}
                  error={errors.kind}
                />
                <DateInput
                  label={field('fact', 'expiresOn')}
                  clearable
                  valueFormat="D MMM YYYY"
                  placeholder={t('capture.noEnd')}
                  value={expiresOn}
                  onChange={setChosen}
                  error={errors.expiresOn}
                />
              </Group>
              <TextInput
                label={field('fact', 'source')}
                placeholder={t('capture.source')}
                value={source}
                onChange={(event) => {
                  setSource(event.currentTarget.value);
                  localStorage.setItem(sourceKey, event.currentTarget.value);
                }}
                error={errors.source}
              />
            </>
          )}
          {kind === 'next' && (
            <RecordPicker
              object="opportunity"
              value={chosenDeal}
              onChange={setDeal}
              label={objectWord('opportunity')}
              ariaLabel={objectWord('opportunity')}
              error={errors.deal}
            />
          )}
          {dated.has(kind) && (
            <TextInput
              label={t(kind === 'call' ? 'capture.callBack' : kind === 'meeting' ? 'capture.when' : 'capture.due')}
              placeholder={t('capture.whenPlaceholder')}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              description={when ? whenText(when) : undefined}
              inputWrapperOrder={['label', 'input', 'description', 'error']}
              error={errors.when ?? errors.dueOn ?? errors.dueAt ?? errors.start}
            />
          )}
          {dated.has(kind) && kind !== 'meeting' && typed === '' && (
            <SegmentedControl
              aria-label={t(kind === 'call' ? 'capture.callBack' : 'capture.due')}
              value={due}
              onChange={setDue}
              data={Object.keys(dueDays).map((one) => ({
                value: one,
                label: t(`capture.${kind === 'call' && one === 'none' ? 'noCallBack' : one}`),
              }))}
            />
          )}
          <Group justify="flex-end" gap="sm">
            <Button variant="default" onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" disabled={busy}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
