import { z } from 'zod';
import type { Drawing, Question } from '#engine/declare/report.ts';
import { plainName } from '#engine/files/media-type.ts';
import { csvOf } from '#engine/reports/csv.ts';
import { chooseHome, homeOf } from '#engine/reports/home.ts';
import { DrawingShape, OverShape, QuestionShape } from '#engine/reports/question.ts';
import { type Over, readReport } from '#engine/reports/read.ts';
import { type Speak, tableOf } from '#engine/reports/table.ts';
import { type Route, requirePermission } from './route.ts';

const Asked = z.strictObject({ question: QuestionShape, drawing: DrawingShape, over: OverShape.optional() });
const Csv = Asked.extend({ name: z.string().max(120).optional(), language: z.string().max(10).optional() });
const HOME = {
  type: 'object',
  properties: { dashboard: { type: ['string', 'null'] }, chosen: { type: 'boolean' } },
};

/** Reports read, in one's own rights, and what a day begins with. */
export function insightRoutes(speaking: (language: string) => Speak): Route[] {
  return [
    {
      method: 'GET',
      path: '/api/v1/insight',
      tag: 'insight',
      summary: 'The reports and dashboards that are built in, and the dashboard my day begins with',
      answer: {
        type: 'object',
        properties: { reports: { type: 'array', items: {} }, dashboards: { type: 'array', items: {} }, home: HOME },
      },
      handler: async ({ ctx }) => ({
        value: { reports: [...ctx.model.reports.values()], dashboards: [...ctx.model.dashboards.values()], home: await homeOf(ctx) },
      }),
    },
    {
      method: 'PUT',
      path: '/api/v1/insight/home',
      tag: 'insight',
      summary: 'Begins my days with a dashboard; null: with that of my role',
      body: z.strictObject({ dashboard: z.string().max(60).nullable() }),
      answer: HOME,
      handler: async ({ ctx, body }) => ({ value: await chooseHome(ctx, (body as { dashboard: string | null }).dashboard) }),
    },
    {
      method: 'POST',
      path: '/api/v1/insight/read',
      tag: 'insight',
      reads: true,
      summary: 'A question over measures, answered as it is drawn; of the records that I may read',
      body: Asked,
      answer: { type: 'object' },
      handler: async ({ ctx, body }) => {
        const { question, drawing, over } = body as { question: Question; drawing: Drawing; over?: Over };
        return { value: await readReport(ctx, question, drawing, over) };
      },
    },
    {
      method: 'POST',
      path: '/api/v1/insight/csv',
      tag: 'insight',
      reads: true,
      summary: 'The same as a CSV file',
      body: Csv,
      answerType: 'text/csv',
      handler: async ({ ctx, body }) => {
        requirePermission(ctx, 'export');
        const { question, drawing, over, name, language } = body as z.infer<typeof Csv>;
        const told = await readReport(ctx, question as Question, { ...(drawing as Drawing), top: 1000 }, over as Over | undefined);
        return {
          text: { type: 'text/csv; charset=utf-8', body: csvOf(tableOf(ctx, told, speaking(language ?? 'en'))) },
          headers: {
            'content-disposition': `attachment; filename="${plainName(`${name ?? 'report'}.csv`).replace(/[^\w.-]/g, '_')}"`,
            'cache-control': 'no-store',
          },
        };
      },
    },
  ];
}
