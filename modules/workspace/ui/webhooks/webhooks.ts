import { get } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';
import type { FieldMeta, ObjectMeta } from '#ui/wire.ts';

export const ACTIONS = ['create', 'update', 'delete'] as const;

export interface Webhook {
  id: string;
  name: string;
  url: string;
  objects: string[];
  actions: string[];
  /** What a record has to meet; null for every one. */
  condition: unknown;
  active: boolean;
  actsFor: { id: string; name: string | null } | null;
  problem: string | null;
}

export interface Delivery {
  id: string;
  object: string | null;
  state: 'waiting' | 'sending' | 'inDoubt' | 'sent' | 'dead';
  attempts: number;
  status: number | null;
  error: string | null;
  at: string;
}

export const WEBHOOKS = ['webhooks'];
export const deliveriesOf = (id: string): string[] => [...WEBHOOKS, 'deliveries', id];

export const readWebhooks = async (): Promise<Webhook[]> =>
  (
    await get<{ items: Webhook[] }>('/webhooks', {
      limit: 200,
      sort: 'name',
      fields: 'name,url,objects,actions,condition,active,actsFor,problem',
    })
  ).items;

export const refreshWebhooks = (): Promise<void> => queryClient.invalidateQueries({ queryKey: WEBHOOKS });

/** Two fields of one name that a condition can say the same of. */
const isLike = (one: FieldMeta, other: FieldMeta | undefined): boolean =>
  other !== undefined &&
  one.type === other.type &&
  one.to === other.to &&
  one.many === other.many &&
  (one.options ?? []).map(({ key }) => key).join() === (other.options ?? []).map(({ key }) => key).join();

/** What can be asked of records of all these objects: the first of them with the fields that each one has; undefined of none. */
export function commonOf(objects: readonly ObjectMeta[]): ObjectMeta | undefined {
  const [first, ...others] = objects;
  if (!first || others.length === 0) return first;
  const has = (field: FieldMeta): boolean =>
    others.every((object) =>
      isLike(
        field,
        object.fields.find(({ key }) => key === field.key),
      ),
    );
  return { ...first, fields: first.fields.filter(has) };
}
