import { useQueryClient } from '@tanstack/react-query';
import { ApiError, request } from '#ui/api.ts';
import { dayOf, formatDay, formatTime } from '#ui/format.ts';
import { useMeta } from '#ui/meta.ts';
import { showFailure, showUndo } from '#ui/notify.tsx';
import { refreshAround } from '#ui/record/use-record.ts';
import { useWords } from '#ui/words.ts';
import { type Entry, type Move, moveBody } from './team.ts';

/** Moves what stands in a calendar of the team, with the way back; whether it is there is for the server to say. */
export function useTeamMoves(nameOf: (person: string) => string): (entry: Entry, move: Move) => Promise<boolean> {
  const { t } = useWords();
  const meta = useMeta();
  const client = useQueryClient();
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ['my-day'] });
  return async (entry, move) => {
    const object = meta.object(entry.kind);
    const body = moveBody(entry, move);
    if (!object || !entry.record || body === null) return false;
    const name = entry.title ?? t('record.unnamed');
    try {
      const { cause } = await request('PATCH', `/${object.plural}/${entry.record.id}`, {
        body,
        headers: { 'if-match': `"${entry.record.version}"` },
      });
      const at = move.start ?? entry.start;
      const when = move.days ? formatDay(move.days.from) : `${formatDay(dayOf(at))}, ${formatTime(at)}`;
      const said =
        move.person !== undefined && move.person !== entry.person
          ? t('team.given', { name, person: nameOf(move.person), when })
          : move.start === undefined && move.end !== undefined
            ? t('calendar.resized', { name, time: formatTime(move.end) })
            : t('team.moved', { name, when });
      showUndo(said, cause, () => void refresh());
      await Promise.all([refresh(), refreshAround(client, object, entry.record.id)]);
      return true;
    } catch (failure) {
      showFailure(failure);
      if (failure instanceof ApiError) void refresh();
      return false;
    }
  };
}
