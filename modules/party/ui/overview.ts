import { queryOptions } from '@tanstack/react-query';
import { get } from '#ui/api.ts';
import type { Money, Named, RecordData } from '#ui/wire.ts';

/** One touch or event of a party, of whatever object. */
export interface TimelineItem {
  object: string;
  id: string;
  at: string;
  kind: string | null;
  channel: string | null;
  title: string | null;
  detail: string | null;
  actor: Named | string | null;
}

export interface TimelinePage {
  items: TimelineItem[];
  next: string | null;
}

/** One sentence of *What matters now*. */
export interface Matter {
  key: string;
  object: string;
  id: string;
  title: string | null;
  params: Record<string, unknown>;
  act: string | null;
}

export interface BlockItem {
  object: string;
  id: string;
  title: string | null;
  at: string | null;
  amount?: Money | null;
  status?: string | null;
}

/** One of the four blocks: how many, how old, whose. */
export interface Block {
  count: number;
  oldest: string | null;
  age: number | null;
  owner: Named | null;
  amount?: Money[] | null;
  items: BlockItem[];
}

export interface Figure {
  key: string;
  value: unknown;
  type: string;
}

/** A list of records in the overview, or with `rows` counts by one field. */
export interface OverviewSection {
  key: string;
  object: string;
  field: string;
  count?: number;
  items?: RecordData[];
  columns?: string[];
  rows?: { [by: string]: unknown }[];
}

export interface Relation {
  id: string;
  type: string;
  party: Named;
  direction: string;
}

export interface Overview {
  party: RecordData;
  matters: Matter[];
  blocks: Record<string, Block>;
  figures: Figure[];
  sections: OverviewSection[];
  relations: Relation[];
  timeline: TimelinePage;
}

/** The customer whole, in one answer. */
export function overviewQuery(id: string) {
  return queryOptions({
    queryKey: ['overview', id],
    queryFn: ({ signal }) => get<Overview>(`/parties/${id}/overview`, {}, signal),
  });
}
