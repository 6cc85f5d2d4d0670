import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { request } from '#ui/api.ts';
import { dayOf, formatDay, formatTime } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { refreshAround } from '#ui/record/use-record.ts';
import type { RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { asMoved, type Entry, type Move, moveBody, type Team } from './team.ts';

/**
 * Moves what stands in a calendar of the team, with the way back: shown at once, and whether it stays is for the server to say. One that
 * is moved again before the answer is there waits for it.
 */
export function useTeamMoves(nameOf: (person: string) => string): (entry: Entry, move: Move) => Promise<boolean> {
  const { t } = useWords();
  const meta = useMeta();
  const client = useQueryClient();
  /** The last version of what was moved here. */
  const saved = useRef(new Map<string, Promise<number>>());
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ['my-day'] });
  return async (entry, move) => {
    const { record } = entry;
    const object = meta.object(entry.kind);
    const body = moveBody(entry, move);
    if (!object || !record || body === null) return false;
    const name = entry.title ?? t('record.unnamed');
    await client.cancelQueries({ queryKey: ['my-day', 'team'] });
    client.setQueriesData<Team>({ queryKey: ['my-day', 'team'] }, (held) => held && asMoved(held, entry, body));
    const before = saved.current.get(record.id)?.catch(() => 0) ?? Promise.resolve(0);
    const answer = before.then((version) =>
      request<RecordData>('PATCH', `/${object.plural}/${record.id}`, {
        body,
        headers: { 'if-match': `"${Math.max(version, record.version)}"` },
      }),
    );
    const mine = answer.then(({ data }) => data.version);
    mine.catch(() => undefined);
    saved.current.set(record.id, mine);
    try {
      const { cause } = await answer;
      const at = move.start ?? entry.start;
      const when = move.days ? formatDay(move.days.from) : `${formatDay(dayOf(at))}, ${formatTime(at)}`;
      const said =
        move.person !== undefined && move.person !== entry.person
          ? t('team.given', { name, person: nameOf(move.person), when })
          : move.start === undefined && move.end !== undefined
            ? t('calendar.resized', { name, time: formatTime(move.end) })
            : t('team.moved', { name, when });
      showUndo(said, cause, () => void refresh());
      // What was moved once more meanwhile is fetched when that is done.
      if (saved.current.get(record.id) === mine) await Promise.all([refresh(), refreshAround(client, object, record.id)]);
      return true;
    } catch (failure) {
      showFailure(failure);
      await refresh();
      return false;
    }
  };
}
