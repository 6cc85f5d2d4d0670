import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type MetaIndex, metaQuery, refreshMeta } from '../meta.ts';
import { useSession } from '../session.ts';
import { isObject } from '../wire.ts';
import { fetchAnew, followChanges, followJob } from './follow.ts';
import { expectGlow } from './glow.tsx';
import { ownSince, writesAnswered } from './own.ts';
import { setVisitors } from './presence.tsx';
import { openStream } from './stream.ts';
import { isChange, isJob, isPlace } from './wire.ts';

/** Follows the live stream while somebody is signed in: mounted once, in the frame around all screens. */
export function useLive(): void {
  const client = useQueryClient();
  const user = useSession()?.user.id;
  useEffect(() => {
    if (user === undefined) return;
    const meta = (): MetaIndex | undefined => client.getQueryData(metaQuery.queryKey);
    const following = followChanges(client, meta);
    const close = openStream(user, ({ event, data }) => {
      if (event === 'reset') fetchAnew(client);
      else if (event === 'job' && isJob(data)) followJob(client, data);
      else if (event === 'notice') void client.invalidateQueries({ queryKey: ['notices'] });
      else if (event === 'catalogue' && isObject(data)) void refreshMeta(client, Number(data.version));
      else if (event === 'presence' && isPlace(data)) setVisitors(data.object, data.id, data.here);
      else if (event === 'message' && isChange(data) && meta()) {
        const take = (): void => {
          if (data.by?.id !== user && ownSince(data.cause) === undefined) expectGlow(data);
          following.take(data);
        };
        // The answer to an own write may still be on its way: it says which cause is this page's.
        if (data.by?.id === user) void writesAnswered().then(take);
        else take();
      }
    });
    return () => {
      close();
      following.stop();
    };
  }, [client, user]);
}
