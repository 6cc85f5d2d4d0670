import { Readable } from 'node:stream';
import { z } from 'zod';
import type { Drawing, Question } from '#engine/declare/report.ts';
import { loadSettings } from '#engine/record/settings.ts';
import { deliveredFile, listDelivered, outcomesOf } from '#engine/reports/deliveries.ts';
import { DrawingShape, OverShape, QuestionShape } from '#engine/reports/question.ts';
import type { Over } from '#engine/reports/read.ts';
import { FILE_TYPES, fileOf } from '#engine/reports/report-file.ts';
import { deliverNow } from '#engine/reports/schedules.ts';
import { readSheet } from '#engine/reports/sheet.ts';
import type { Speak } from '#engine/reports/table.ts';
import { type Route, requirePermission } from './route.ts';

const Pages = z.strictObject({
  name: z.string().max(120).describe('What stands above them'),
  language: z.string().max(10).optional(),
  over: OverShape.optional(),
  reports: z
    .array(z.strictObject({ name: z.string().max(120), question: QuestionShape, drawing: DrawingShape }))
    .min(1)
    .max(30),
});
const LIST = { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } };

/** Reports as pages, and what is delivered by the clock. */
export const deliveryRoutes = (dataFolder: string, speaking: (language: string) => Speak): Route[] => [
  {
    method: 'POST',
    path: '/api/v1/insight/pdf',
    tag: 'insight',
    reads: true,
    summary: 'Reports as a PDF, of the records that I may read',
    body: Pages,
    answerType: 'application/pdf',
    handler: async ({ ctx, body }) => {
      requirePermission(ctx, 'export');
      const asked = body as z.infer<typeof Pages>;
      const reports = asked.reports.map(({ name, question, drawing }) => ({
        name,
        question: question as Question,
        drawing: drawing as Drawing,
      }));
      const settings = await loadSettings(ctx.db);
      const language = asked.language ?? settings?.language ?? 'en';
      const shown = { name: asked.name, reports, over: (asked.over ?? {}) as Over };
      const sheet = await readSheet(ctx, shown, {
        language,
        speak: speaking(language),
        company: settings?.name ?? '',
        reader: '',
        read: ctx.env.now,
      });
      const { bytes, name } = await fileOf(sheet, 'pdf', ctx.env.now);
      return { stream: { type: FILE_TYPES.pdf, body: Readable.from([bytes]), filename: name }, headers: { 'cache-control': 'no-store' } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/insight/deliveries',
    tag: 'insight',
    summary: 'The files of reports that were delivered to me and are still kept',
    answer: LIST,
    handler: async ({ ctx }) => ({ value: { items: await listDelivered(ctx) } }),
  },
  {
    method: 'GET',
    path: '/api/v1/insight/deliveries/{id}/file',
    tag: 'insight',
    scope: 'export',
    summary: 'A file that was delivered to me',
    answer: { type: 'string' },
    handler: async ({ ctx, params }) => {
      requirePermission(ctx, 'export');
      return { stream: await deliveredFile(ctx, dataFolder, params.id ?? ''), headers: { 'cache-control': 'no-store' } };
    },
  },
  {
    method: 'GET',
    path: '/api/v1/insight/schedules/{id}/deliveries',
    tag: 'insight',
    summary: 'Who got what of a planned delivery, and who did not and why',
    answer: LIST,
    handler: async ({ ctx, params }) => ({ value: { items: await outcomesOf(ctx, params.id ?? '') } }),
  },
  {
    method: 'POST',
    path: '/api/v1/insight/schedules/{id}/deliver',
    tag: 'insight',
    scope: 'export',
    status: 202,
    summary: 'Delivers a planned report now',
    answer: { type: 'object', properties: { recipients: { type: 'integer' } } },
    handler: async ({ ctx, params }) => ({ status: 202, value: { recipients: await deliverNow(ctx, params.id ?? '') } }),
  },
];
