import { queryOptions } from '@tanstack/react-query';
import { escapeHtml } from '#kit/html.ts';
import { get, post } from '#ui/api.ts';
import { queryClient } from '#ui/query-client.ts';
import type { Page, RecordData } from '#ui/wire.ts';

/** A line of a form. */
export interface Asked {
  ask: string;
  label?: string;
  required?: boolean;
}

export interface LeadForm extends RecordData {
  name: string;
  slug: string;
  active: boolean;
  asks: Asked[];
  sites: string[] | null;
}

const FIELDS = [
  'name',
  'slug',
  'active',
  'language',
  'heading',
  'intro',
  'thanks',
  'redirect',
  'asks',
  'source',
  'product',
  'leadOwner',
  'consentText',
  'consentPurpose',
  'sites',
  'notified',
];

export const formsQuery = queryOptions({
  queryKey: ['lead-forms', 'forms'],
  queryFn: async ({ signal }) =>
    (await post<Page>('/leadForms/query', { fields: FIELDS, sort: ['name'], limit: 200 }, signal)).items as LeadForm[],
});

interface Count {
  form: string;
  outcome: 'accepted' | 'suspect' | 'refused';
  n: number;
}

export const countsQuery = queryOptions({
  queryKey: ['lead-forms', 'counts'],
  queryFn: async ({ signal }) => (await get<{ items: Count[] }>('/lead-forms/counts', {}, signal)).items,
});

export const refreshForms = (): Promise<void> => queryClient.invalidateQueries({ queryKey: ['lead-forms'] });

/** The public address of a form on this server. Pure. */
export const addressOf = (slug: string): string => `/f/${slug}`;

/** What a web page takes in to show the form: the script, or the frame where no script is wanted. Pure. */
export const snippetsOf = (origin: string, slug: string, title: string): { script: string; frame: string } => {
  const said = escapeHtml(title);
  return {
    script: `<script src="${origin}${addressOf(slug)}.js" data-title="${said}" async></script>`,
    frame: `<iframe src="${origin}${addressOf(slug)}" title="${said}" width="100%" height="720" style="border:0"></iframe>`,
  };
};
