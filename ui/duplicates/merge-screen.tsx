import { Button, Radio } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import { failureText } from '../failure.ts';
import { viewOf } from '../fields/registry.ts';
import { sectionsFor } from '../form/sections.ts';
import { formatDate, formatNumber } from '../format.ts';
import { TextLink } from '../links.tsx';
import { titleText } from '../list/record-title.tsx';
import { fieldOf } from '../meta.ts';
import { PageHeader } from '../page-header.tsx';
import { MissingRecord, RecordSkeleton } from '../record/record-screen.tsx';
import { recordQuery } from '../record/use-record.ts';
import { useDelayed } from '../use-delayed.ts';
import type { FieldMeta, ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './duplicates.module.css';
import { type Keep, type MergePreview, merge, previewQuery } from './duplicates.ts';

/** Whose value: of the one or the other record as they stand side by side, or both lists put together. */
type Side = 'one' | 'other' | 'both';

/** Fields that are in a form of another variant only: what a person's record keeps of them is not for people. */
function isForeign(object: ObjectMeta, record: RecordData, key: string): boolean {
  const forms = [object.form, ...Object.values(object.variants?.forms ?? {})];
  const own = sectionsFor(object, record, () => true).some((section) => section.fields.some((field) => field.key === key));
  return !own && forms.flat().some((section) => section.fields.includes(key));
}

/** Two records side by side: which one stays, whose values it keeps, what moves to it. */
export function MergeScreen({ object, id, other: otherId }: { object: ObjectMeta; id: string; other: string }): ReactNode {
  const one = useQuery(recordQuery(object.plural, id));
  const other = useQuery(recordQuery(object.plural, otherId));
  const late = useDelayed(one.isPending || other.isPending);
  const failure = one.error ?? other.error;
  if (failure && (!one.data || !other.data))
    return <MissingRecord object={object} failure={failure} onRetry={() => void Promise.all([one.refetch(), other.refetch()])} />;
  if (!one.data || !other.data) return late ? <RecordSkeleton /> : null;
  return <SideBySide object={object} one={one.data} other={other.data} />;
}

function SideBySide({ object, one, other }: { object: ObjectMeta; one: RecordData; other: RecordData }): ReactNode {
  const { t, plural, inSentence } = useWords();
  const navigate = useNavigate();
  const [stays, setStays] = useState<'one' | 'other'>('one');
  const [chosen, setChosen] = useState<Record<string, Side>>({});
  const [failure, setFailure] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  // Pressing twice, or again after a lost answer, merges once; another choice is another request.
  const wish = JSON.stringify([stays, chosen]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new key for each new choice
  const key = useMemo(() => crypto.randomUUID(), [wish]);
  const [survivor, loser] = stays === 'one' ? [one, other] : [other, one];
  const preview = useQuery({ ...previewQuery(object, survivor.id, loser.id), placeholderData: keepPreviousData });
  const name = (record: RecordData): string => titleText(object, record) || t('record.unnamed');
  /** What happens where nobody chose, told by sides: the preview speaks of the one it was asked to keep. */
  const usual = (keep: Keep, from: string): Side => {
    if (keep === 'both') return 'both';
    return (keep === 'survivor') === (from === one.id) ? 'one' : 'other';
  };
  const keepOf = (side: Side): Keep => (side === 'both' ? 'both' : side === stays ? 'survivor' : 'loser');
  const fields = (preview.data?.fields ?? []).flatMap((entry) => {
    const field = fieldOf(object, entry.key);
    return field && !field.readOnly && !field.hidden && !isForeign(object, one, entry.key) ? [{ ...entry, field }] : [];
  });
  const leave = (): Promise<void> => navigate({ to: '/o/$plural/$id', params: { plural: object.plural, id: survivor.id }, replace: true });
  const submit = async (): Promise<void> => {
    setBusy(true);
    setFailure(null);
    try {
      const keep = Object.fromEntries(Object.entries(chosen).map(([field, side]) => [field, keepOf(side)]));
      await merge(object, { id: survivor.id, name: name(survivor) }, { id: loser.id, name: name(loser) }, keep, key, leave);
    } catch (problem) {
      setFailure(problem);
      setBusy(false);
    }
  };
  const word = t('merge.submit', { n: formatNumber(2, 0), objects: inSentence(plural(object.key)) });
  const wrong = failure ?? preview.error;
  return (
    <div className={classes.screen}>
      <PageHeader title={t('merge.title')}>
        <Button size="compact" variant="default" onClick={() => window.history.back()}>
          {t('action.cancel')}
        </Button>
        <Button size="compact" disabled={busy || !preview.data || preview.isPlaceholderData} onClick={() => void submit()}>
          {word}
        </Button>
      </PageHeader>
      <div className={classes.page}>
        {wrong !== null && (
          <p role="alert" className="pg-danger">
            {failureText(wrong)}
          </p>
        )}
        <Radio.Group
          value={stays}
          onChange={(side) => setStays(side === 'other' ? 'other' : 'one')}
          label={t('merge.which')}
          classNames={{ label: classes.choiceName }}
        >
          <div className={classes.heads}>
            {(
              [
                ['one', one],
                ['other', other],
              ] as const
            ).map(([side, record]) => (
              <div key={side} className={classes.head} data-stays={side === stays || undefined}>
                <TextLink className={classes.headName} to="/o/$plural/$id" params={{ plural: object.plural, id: record.id }}>
                  {name(record)}
                </TextLink>
                <span className="pg-meta">{t('record.createdAt', { at: formatDate(record.createdAt) })}</span>
                <Radio
                  value={side}
                  label={t(side === stays ? 'merge.stays' : 'merge.goes')}
                  aria-label={`${t('merge.stays')}: ${name(record)}`}
                />
              </div>
            ))}
          </div>
        </Radio.Group>
        {preview.data && (
          <>
            {fields.map(({ field, keep, list }) => (
              <Choice
                key={field.key}
                object={object}
                field={field}
                one={one}
                other={other}
                list={list && keep === 'both'}
                value={chosen[field.key] ?? usual(keep, preview.data.survivor)}
                onChange={(side) => setChosen((was) => ({ ...was, [field.key]: side }))}
              />
            ))}
            <p className="pg-secondary">{t('merge.same')}</p>
            <Moves moves={preview.data.moves} stays={name(survivor)} goes={name(loser)} />
          </>
        )}
      </div>
    </div>
  );
}

interface ChoiceProps {
  object: ObjectMeta;
  field: FieldMeta;
  one: RecordData;
  other: RecordData;
  list: boolean;
  value: Side;
  onChange: (side: Side) => void;
}

/** Whose value one field keeps. */
function Choice({ object, field, one, other, list, value, onChange }: ChoiceProps): ReactNode {
  const { t, field: fieldWord } = useWords();
  const word = fieldWord(object.key, field.key);
  const text = (record: RecordData): ReactNode =>
    viewOf(field.type).text(record[field.key], field, object.key) || <span className="pg-meta">{t('value.empty')}</span>;
  return (
    <Radio.Group
      value={value}
      onChange={(side) => onChange(side === 'both' ? 'both' : side === 'other' ? 'other' : 'one')}
      label={word}
      className={classes.choice}
      classNames={{ label: classes.choiceName }}
    >
      <div className={classes.sides}>
        <Radio value="one" label={text(one)} classNames={{ root: classes.side }} />
        <Radio value="other" label={text(other)} classNames={{ root: classes.side }} />
      </div>
      {list && <Radio value="both" label={t('merge.both')} classNames={{ root: classes.side }} />}
    </Radio.Group>
  );
}

/** What will point to the one that stays. */
function Moves({ moves, stays, goes }: { moves: MergePreview['moves']; stays: string; goes: string }): ReactNode {
  const { t, object: objectWord, plural, inSentence } = useWords();
  const counts = new Map<string, number>();
  for (const move of moves) counts.set(move.object, (counts.get(move.object) ?? 0) + move.count);
  const what = [...counts].map(([key, count]) => `${formatNumber(count, 0)} ${inSentence(count === 1 ? objectWord(key) : plural(key))}`);
  return <p>{what.length > 0 ? t('merge.moves', { name: stays, what: what.join(', ') }) : t('merge.nothingMoves', { name: goes })}</p>;
}
