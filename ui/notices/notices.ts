import { queryOptions } from '@tanstack/react-query';
import { get, post } from '../api.ts';
import { queryClient } from '../query-client.ts';
import type { Job, Named } from '../wire.ts';

/** Something the user is told of. */
export interface Notice {
  id: string;
  kind:
    | 'assigned'
    | 'handedOver'
    | 'mentioned'
    | 'shared'
    | 'job'
    | 'flow'
    | 'approval'
    | 'webhook'
    | 'key'
    | 'reminder'
    | 'alert'
    | 'booked'
    | 'bookingMoved'
    | 'bookingCancelled'
    | 'unassigned'
    | 'delivered';
  object: string | null;
  record: { id: string; title: string | null } | null;
  count: number;
  actor: Named | null;
  job: Pick<Job, 'id' | 'kind' | 'state' | 'label' | 'error'> | null;
  /** What a flow says. */
  text: string | null;
  /** A file that was delivered and is still kept. */
  file: string | null;
  at: string;
  read: boolean;
}

export const noticesQuery = queryOptions({
  queryKey: ['notices'],
  queryFn: ({ signal }) => get<{ items: Notice[]; unread: number }>('/notices', {}, signal),
  // The live stream says when there is a new one; this is the net below it.
  refetchInterval: 60_000,
});

/** Marks notices as read, all of them without ids. */
export async function markRead(ids?: string[]): Promise<void> {
  queryClient.setQueryData(noticesQuery.queryKey, (was) => {
    if (!was) return was;
    const items = was.items.map((item) => (!ids || ids.includes(item.id) ? { ...item, read: true } : item));
    return { items, unread: items.filter((item) => !item.read).length };
  });
  await post('/notices/read', ids ? { ids } : {});
}
