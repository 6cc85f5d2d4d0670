import { get } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';

export const ACTIONS = ['create', 'update', 'delete'] as const;

export interface Webhook {
  id: string;
  name: string;
  url: string;
  objects: string[];
  actions: string[];
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
      fields: 'name,url,objects,actions,active,actsFor,problem',
    })
  ).items;

export const refreshWebhooks = (): Promise<void> => queryClient.invalidateQueries({ queryKey: WEBHOOKS });
