import { z } from 'zod';
import { listActs, REASONS, type Reason } from '#engine/privacy/acts.ts';
import { erasedBefore, previewErasure, startErasure } from '#engine/privacy/erasure.ts';
import { personExportFile, startPersonExport } from '#engine/privacy/export.ts';
import type { JsonObject } from '#kit/json.ts';
import type { Route } from './route.ts';

const Asked = z.strictObject({
  party: z.string().describe('The person or organisation'),
  reason: z.enum(REASONS).default('request').describe('Why: the person asked for it unless given'),
});
const JOB: JsonObject = { type: 'object', properties: { job: { type: 'string', description: 'Its result names the file' } } };

/** All that is held about a person, in one go: for administrators. */
export const personalDataRoutes = (dataFolder: string): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/personal-data',
    tag: 'personal data',
    summary: 'Who exported or erased all that was held about somebody, latest first',
    query: z.looseObject({ party: z.string().optional(), before: z.string().optional().describe('Goes on behind this entry') }),
    answer: {
      type: 'object',
      properties: {
        items: {
          type: 'array',
          items: {
            type: 'object',
            properties: {
              id: { type: 'string' },
              kind: { enum: ['export', 'erasure'] },
              party: { type: 'string' },
              at: { type: 'string', format: 'date-time' },
              actor: { type: 'object' },
              reason: { enum: [...REASONS] },
              job: { type: ['string', 'null'] },
              details: { type: 'object' },
            },
          },
        },
        next: { type: ['string', 'null'] },
      },
    },
    handler: async ({ ctx, query }) => ({
      value: await listActs(ctx, { party: query.party as string | undefined, before: query.before as string | undefined }),
    }),
  },
  {
    method: 'POST',
    path: '/api/v1/personal-data/exports',
    tag: 'personal data',
    proof: true,
    summary: 'Export everything held about a person or organisation as one ZIP, as a job',
    body: Asked,
    status: 202,
    answer: JOB,
    handler: async ({ ctx, body }) => {
      const { party, reason } = body as z.infer<typeof Asked>;
      return { status: 202, value: { job: await startPersonExport(ctx, party, reason) } };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/personal-data/erasures/preview',
    tag: 'personal data',
    summary: 'What erasing a person would take away, what stays and under which name',
    body: z.strictObject({ party: z.string() }),
    answer: {
      type: 'object',
      properties: {
        party: { type: 'string' },
        name: { type: 'string' },
        pseudonym: { type: 'string' },
        removed: { type: 'array', items: { type: 'object' } },
        emptied: { type: 'array', items: { type: 'object' } },
        kept: { type: 'array', items: { type: 'object' } },
        files: { type: 'integer' },
        merged: { type: 'integer' },
      },
    },
    handler: async ({ ctx, body }) => ({ value: await previewErasure(ctx, (body as { party: string }).party) }),
  },
  {
    method: 'POST',
    path: '/api/v1/personal-data/erasures',
    tag: 'personal data',
    proof: true,
    summary: 'Erase a person for good, as a job; it cannot be undone',
    body: Asked.extend({ name: z.string().max(500).describe('The name of the person as it stands, to confirm') }),
    status: 202,
    answer: JOB,
    handler: async ({ ctx, body }) => ({
      status: 202,
      value: { job: await startErasure(ctx, body as { party: string; name: string; reason: Reason }) },
    }),
  },
  {
    method: 'POST',
    path: '/api/v1/personal-data/erased-before',
    tag: 'personal data',
    summary: 'Whether somebody known by one of these was erased',
    body: z.strictObject({ marks: z.array(z.strictObject({ kind: z.string().max(80), value: z.string().max(300) })).max(1000) }),
    answer: { type: 'object', properties: { on: { type: ['string', 'null'], format: 'date' } } },
    handler: async ({ ctx, body }) => ({
      value: { on: await erasedBefore(ctx, (body as { marks: { kind: string; value: string }[] }).marks) },
    }),
  },
  {
    method: 'GET',
    path: '/api/v1/personal-data/exports/{id}/file',
    tag: 'personal data',
    summary: 'The ZIP of a finished export',
    answer: { type: 'string' },
    answerType: 'application/zip',
    handler: async ({ ctx, params }) => {
      const { name, body } = await personExportFile(ctx, dataFolder, params.id ?? '');
      return { stream: { type: 'application/zip', body, filename: name } };
    },
  },
];
