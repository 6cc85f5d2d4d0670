import { readOne } from '#engine/record/read.ts';
import { type Doors, linkOf, openEmbed } from '#engine/reports/embed.ts';
import { isPerigonError, notFound } from '#kit/errors.ts';
import type { Answer, Route } from './route.ts';

/** The address of a public link for who made it, and what it opens for everybody who has it. */
export function embedRoutes(o: Doors): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/insight/embeds/{id}/link',
      tag: 'insight',
      summary: 'The address of a public link that I made',
      answer: { type: 'object', properties: { path: { type: 'string' } } },
      handler: async ({ ctx, params }) => {
        const id = params.id ?? '';
        const { json } = await readOne(ctx, ctx.model.object('embed'), id, ['owner']);
        const { owner } = JSON.parse(json) as { owner: { id: string } | null };
        // It opens what its maker may see: nobody else is given it, whoever may read that it is there.
        if (!owner || owner.id !== ctx.actor.userId) throw notFound();
        return { value: { path: `/embed/${linkOf(o.vault, id)}` }, headers: { 'cache-control': 'no-store' } };
      },
    },
    {
      method: 'GET',
      path: '/embed/{link}',
      tag: 'insight',
      open: true,
      summary: 'What a public link shows: one report or dashboard as a page',
      answerType: 'text/html',
      handler: async ({ params, reply }): Promise<Answer> => {
        // Who may frame it is said by its own policy.
        reply.removeHeader('x-frame-options');
        const headers = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex' };
        try {
          const { html, policy } = await openEmbed(o, params.link ?? '');
          return { text: { type: 'text/html; charset=utf-8', body: html }, headers: { ...headers, 'content-security-policy': policy } };
        } catch (error) {
          if (!isPerigonError(error, 'notFound')) throw error;
          return {
            status: 404,
            text: { type: 'text/html; charset=utf-8', body: GONE },
            headers: { ...headers, 'content-security-policy': "default-src 'none'; frame-ancestors *" },
          };
        }
      },
    },
  ];
}

const GONE =
  '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>This link opens nothing</title></head><body><p>This link opens nothing. It has ended, was taken back, or never was.</p></body></html>';
