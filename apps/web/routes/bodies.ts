import { useQuery } from '@tanstack/react-query';
import { lazy } from 'react';
import { leadActionParts } from '#modules/leads/ui/action-parts.tsx';
import { overviewQuery } from '#modules/party/ui/overview.ts';
import { dealBoard } from '#modules/sales/ui/board-part.tsx';
import { setBoardPart } from '#ui/list/board-parts.ts';
import { setActionPart } from '#ui/record/action-parts.ts';
import { setRecordBody } from '#ui/record/bodies.ts';
import { recordQuery } from '#ui/record/use-record.ts';

// The screens that modules have for their objects, for a peek from any list: as on the pages that the router leads to.
setRecordBody('party', {
  Body: lazy(() => import('#modules/party/ui/party.screen.tsx').then((file) => ({ default: file.PartyRecord }))),
  useReady: (_party, id) => {
    const query = useQuery(overviewQuery(id));
    return query.data !== undefined || query.isError;
  },
});

setRecordBody('opportunity', {
  Body: lazy(() => import('#modules/sales/ui/deal.screen.tsx').then((file) => ({ default: file.DealRecord }))),
  useReady: (object, id) => {
    const query = useQuery(recordQuery(object.plural, id));
    return query.data !== undefined || query.isError;
  },
});

setRecordBody('lead', {
  Body: lazy(() => import('#modules/leads/ui/lead.screen.tsx').then((file) => ({ default: file.LeadRecord }))),
  useReady: (object, id) => {
    const query = useQuery(recordQuery(object.plural, id));
    return query.data !== undefined || query.isError;
  },
});

// What modules say on the boards of their objects.
setBoardPart('opportunity', dealBoard);

// What modules show before their acts are done.
for (const [action, part] of Object.entries(leadActionParts)) setActionPart(action, part);
