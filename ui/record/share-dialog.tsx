import { Button, CloseButton, Group, Modal, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState } from 'react';
import { ApiError, post, request } from '../api.ts';
import { failureText, problemText } from '../failure.ts';
import { endOf, isOver, type Membership, readMembership, useMembershipWords } from '../fields/many-to-many/membership.ts';
import { RecordPicker } from '../fields/record-picker.tsx';
import { dayOf, formatDate } from '../format.ts';
import { titleText } from '../list/record-title.tsx';
import { useMeta } from '../meta.ts';
import { showFailure, showUndo } from '../notify.tsx';
import { Picture } from '../person.tsx';
import { isObject, type Named, type ObjectMeta, type Page, type RecordData, readNamed } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './record.module.css';

const levels = ['read', 'write'] as const;
type Level = (typeof levels)[number];
const kinds = ['user', 'team'] as const;

interface Share extends RecordData {
  user: Named | null;
  team: Named | null;
  level: Level;
  until: string | null;
  reason: string | null;
}

/** Whether somebody may be given single records of this kind by who is signed in; of which ones, the server says. */
export function useMayShare(object: ObjectMeta): boolean {
  const share = useMeta().object('share');
  return share?.verbs.create === true && object.verbs.update && Boolean(object.owner ?? object.party);
}

/** Those who reach a record as its owner or in its account team, before anybody shares it. */
function closeTo(object: ObjectMeta, record: RecordData): (Named & Membership & { field: string })[] {
  const people = object.fields.filter(
    (field) => field.key === object.owner || (field.type === 'manyToMany' && field.to === 'user' && Boolean(object.owner)),
  );
  return people.flatMap((field) => {
    const value = record[field.key];
    return (Array.isArray(value) ? value : [value]).flatMap((one) => {
      const named = isObject(one) ? readNamed(one) : null;
      const membership = readMembership(one);
      return named && !isOver(membership) ? [{ ...named, ...membership, field: field.key }] : [];
    });
  });
}

/** Who one record was given to, and giving it to somebody more. */
export function ShareDialog({ object, record, onClose }: { object: ObjectMeta; record: RecordData; onClose: () => void }): ReactNode {
  const { t, field: fieldWord } = useWords();
  const client = useQueryClient();
  const key = ['shares', object.key, record.id];
  const { data, error } = useQuery({
    queryKey: key,
    queryFn: async ({ signal }) => {
      const where = {
        all: [
          { field: 'object', op: 'eq', value: object.key },
          { field: 'record', op: 'eq', value: record.id },
        ],
      };
      return (await post<Page<Share>>('/shares/query', { where, sort: ['createdAt'], limit: 200 }, signal)).items;
    },
    staleTime: 0,
  });
  const again = async (): Promise<void> => {
    await Promise.all([
      client.invalidateQueries({ queryKey: key }),
      client.invalidateQueries({ queryKey: ['history', object.plural, record.id] }),
    ]);
  };
  /** Changes or takes back one share; either can be undone at once. */
  const act = async (share: Share, said: string, method: 'PATCH' | 'DELETE', body?: Record<string, unknown>): Promise<void> => {
    try {
      const { cause } = await request(method, `/shares/${share.id}`, { body, headers: { 'if-match': `"${share.version}"` } });
      showUndo(said, cause, () => void again());
    } catch (failure) {
      showFailure(failure);
    }
    await again();
  };
  const near = closeTo(object, record);
  const terms = useMembershipWords();
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('share.title', { name: titleText(object, record) || t('record.unnamed') })}
      size={560}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <Stack gap="md">
        <NewShare object={object} record={record} onShared={again} />
        {error && <p role="alert">{failureText(error)}</p>}
        <ul className={classes.shares} aria-label={t('share.who')}>
          {near.map(({ id, name, field, ...membership }) => (
            <li key={`${field} ${id}`} className={classes.share}>
              <Picture name={name} />
              <span className={classes.shareName}>
                <span className="pg-ellipsis">{name}</span>
                {terms(membership).length > 0 && <span className="pg-meta">{terms(membership).join(' · ')}</span>}
              </span>
              <span className="pg-secondary">{fieldWord(object.key, field)}</span>
            </li>
          ))}
          {(data ?? []).map((share) => {
            const name = (share.user ?? share.team)?.name ?? '';
            const about = [
              share.team ? t('share.team') : null,
              share.until
                ? t(Date.parse(share.until) > Date.now() ? 'share.untilDay' : 'share.ended', { day: formatDate(dayOf(share.until)) })
                : null,
              share.reason,
            ].filter(Boolean);
            return (
              <li key={share.id} className={classes.share}>
                <Picture name={name} square={share.team !== null} />
                <span className={classes.shareName}>
                  <span className="pg-ellipsis">{name}</span>
                  {about.length > 0 && <span className="pg-meta">{about.join(' · ')}</span>}
                </span>
                <Select
                  className={classes.shareLevel}
                  aria-label={t('share.levelOf', { name })}
                  allowDeselect={false}
                  value={share.level}
                  data={levels.map((level) => ({ value: level, label: t(`share.level.${level}`) }))}
                  onChange={(level) => level && level !== share.level && void act(share, t('share.changed', { name }), 'PATCH', { level })}
                />
                <CloseButton
                  aria-label={t('share.takeBack', { name })}
                  onClick={() => void act(share, t('share.takenBack', { name }), 'DELETE')}
                />
              </li>
            );
          })}
        </ul>
        <p className="pg-meta">{t('share.hint')}</p>
      </Stack>
    </Modal>
  );
}

/** Gives the record to a colleague or a team. */
function NewShare({ object, record, onShared }: { object: ObjectMeta; record: RecordData; onShared: () => Promise<void> }): ReactNode {
  const { t } = useWords();
  const hasTeams = useMeta().object('team') !== undefined;
  const [kind, setKind] = useState<(typeof kinds)[number]>('user');
  const [grantee, setGrantee] = useState<Named | null>(null);
  const [level, setLevel] = useState<Level>('read');
  const [until, setUntil] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [failure, setFailure] = useState<string | null>(null);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    if (!grantee) return setFailure(t('share.choose'));
    setFailure(null);
    try {
      const { cause } = await request('POST', '/shares', {
        body: { object: object.key, record: record.id, [kind]: grantee.id, level, until: until && endOf(until), reason: reason || null },
      });
      showUndo(t('share.done', { name: grantee.name ?? '' }), cause, () => void onShared());
      setGrantee(null);
      setReason('');
      await onShared();
    } catch (refusal) {
      const [first] = refusal instanceof ApiError ? refusal.errors : [];
      setFailure(first ? problemText(first) : failureText(refusal));
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Stack gap="sm">
        {hasTeams && (
          <SegmentedControl
            aria-label={t('share.kind')}
            value={kind}
            data={kinds.map((one) => ({ value: one, label: t(`share.kind.${one}`) }))}
            onChange={(one) => {
              setKind(one === 'team' ? 'team' : 'user');
              setGrantee(null);
            }}
          />
        )}
        <div className={classes.shareForm}>
          <RecordPicker
            key={kind}
            object={kind}
            value={grantee}
            onChange={setGrantee}
            label={t('share.with')}
            ariaLabel={t('share.with')}
            error={failure}
          />
          <Select
            label={t('share.level')}
            allowDeselect={false}
            value={level}
            data={levels.map((one) => ({ value: one, label: t(`share.level.${one}`) }))}
            onChange={(one) => setLevel(one === 'write' ? 'write' : 'read')}
          />
        </div>
        <div className={classes.shareForm}>
          <TextInput label={t('share.reason')} value={reason} maxLength={500} onChange={(event) => setReason(event.currentTarget.value)} />
          <DateInput
            label={t('share.until')}
            placeholder={t('share.untilPlaceholder')}
            clearable
            clearButtonProps={{ 'aria-label': t('picker.clear') }}
            valueFormat="D MMM YYYY"
            minDate={new Date()}
            value={until}
            onChange={setUntil}
          />
        </div>
        <Group justify="flex-end">
          <Button type="submit">{t('share.act')}</Button>
        </Group>
      </Stack>
    </form>
  );
}
