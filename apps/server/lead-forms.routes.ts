import { z } from 'zod';
import { requireVerb } from '#engine/access/policy.ts';
import { readPosted } from '#engine/api/public-page.ts';
import type { Answer, Route } from '#engine/api/route.ts';
import { readOne } from '#engine/record/read.ts';
import { loadSettings } from '#engine/record/settings.ts';
import { invalid } from '#kit/errors.ts';
import { isObject } from '#kit/json.ts';
import {
  answerForm,
  embedScript,
  type FormAnswer,
  type FormDoors,
  formCounts,
  gonePage,
  openForm,
  policyOf,
  previewPage,
} from '#modules/leads/index.ts';

const DRAFT = z.looseObject({ draft: z.string().max(12_000).optional() });

/** Forms on web pages: what everybody may open and send, and what those who draw them are told. */
export function leadFormRoutes(o: FormDoors): Route[] {
  return [
    {
      method: 'GET',
      path: '/f/{slug}',
      tag: 'leads',
      open: true,
      summary: 'A form as a page; with `.js` behind its address the script that puts it into a web page',
      answerType: 'text/html',
      handler: async ({ params, request, reply, query }): Promise<Answer> => {
        const slug = params.slug ?? '';
        if (/^[a-z0-9-]{1,60}\.js$/.test(slug)) {
          reply.header('cross-origin-resource-policy', 'cross-origin');
          const headers = { 'cache-control': 'public, max-age=300' };
          return { text: { type: 'text/javascript; charset=utf-8', body: embedScript(slug.slice(0, -3)) }, headers };
        }
        return said(await openForm(o, slug, request.ip, query.framed === '1'), wantsJson(request.headers.accept), reply);
      },
    },
    {
      method: 'POST',
      path: '/f/{slug}',
      tag: 'leads',
      open: true,
      raw: true,
      summary: 'Answer a form, as a browser sends it or as JSON',
      answerType: 'text/html',
      handler: async ({ params, request, reply, query }): Promise<Answer> => {
        const type = request.headers['content-type'];
        const sent = await readPosted(type, request.body);
        const json = /^application\/json\b/i.test(type ?? '') || wantsJson(request.headers.accept);
        return said(await answerForm(o, params.slug ?? '', sent, request.ip, query.framed === '1'), json, reply);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/lead-forms/counts',
      tag: 'leads',
      summary: 'What became of what was sent to forms',
      answer: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } },
      handler: async ({ ctx }) => {
        requireVerb(ctx.actor, ctx.model.object('leadForm'), 'read');
        // Of leads that one may not read nothing is counted.
        const all = ctx.actor.rights.scope('lead', 'read') === 'all';
        return { value: { items: all ? await formCounts(ctx.db) : [] } };
      },
    },
    {
      method: 'GET',
      path: '/api/v1/lead-forms/{id}/preview',
      tag: 'leads',
      summary: 'How a form looks, with what is not saved yet laid over it as JSON',
      query: DRAFT,
      answerType: 'text/html',
      handler: async ({ ctx, params, query, reply }): Promise<Answer> => {
        const id = params.id ?? '';
        await readOne(ctx, ctx.model.object('leadForm'), id, ['id']);
        let draft: unknown = {};
        try {
          draft = JSON.parse((query.draft as string | undefined) ?? '{}');
        } catch {
          throw invalid('The draft is not JSON.', [{ path: 'draft', code: 'json', detail: 'Expected an object.' }]);
        }
        const html = await previewPage(ctx, id, isObject(draft) ? draft : {}, (await loadSettings(ctx.db))?.name ?? '');
        reply.removeHeader('x-frame-options');
        return { text: { type: 'text/html; charset=utf-8', body: html }, headers: { ...HEADERS, 'content-security-policy': policyOf([]) } };
      },
    },
  ];
}

const HEADERS = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'x-robots-tag': 'noindex' };

const wantsJson = (accept: string | undefined): boolean => /application\/json/.test(accept ?? '') && !/text\/html/.test(accept ?? '');

function said(answer: FormAnswer | null, json: boolean, reply: { removeHeader(name: string): unknown }): Answer {
  // Who may frame it is said by its own policy.
  reply.removeHeader('x-frame-options');
  const headers: Record<string, string> = { ...HEADERS, 'content-security-policy': policyOf(answer?.sites ?? []) };
  if (answer?.retryAfter) headers['retry-after'] = String(answer.retryAfter);
  const status = answer?.status ?? 404;
  if (json) return { status, json: JSON.stringify(answer?.told ?? { ok: false }), headers };
  return { status, text: { type: 'text/html; charset=utf-8', body: answer?.html ?? gonePage() }, headers };
}
