import { z } from 'zod';
import { listBackups, saveBackupPlan, startBackup } from '#engine/backup/kept.ts';
import type { EmbeddedLog } from '#engine/store/embedded-log.ts';
import type { Route } from './route.ts';

/** Backups that the server makes by itself: for administrators. Putting one back is for whoever has the machine (`perigon restore`). */
export const backupRoutes = (folder: string, log: EmbeddedLog | null): readonly Route[] => [
  {
    method: 'GET',
    path: '/api/v1/backups',
    tag: 'backups',
    summary: 'How backups are made, and those that are there, newest first',
    answer: {
      type: 'object',
      properties: {
        folder: { type: 'string' },
        plan: { type: 'object', properties: { daily: { type: 'boolean' }, keep: { type: 'integer' } } },
        items: {
          type: 'array',
          items: {
            type: 'object',
            properties: { name: { type: 'string' }, bytes: { type: 'integer' }, at: { type: 'string', format: 'date-time' } },
          },
        },
        back: {
          type: ['object', 'null'],
          description:
            'From when to when one can go back to any second (perigon restore --to); null where the log of the database is not kept',
          properties: { from: { type: 'string', format: 'date-time' }, to: { type: 'string', format: 'date-time' } },
        },
        job: { type: ['string', 'null'], description: 'The job that makes one right now' },
      },
    },
    handler: async ({ ctx }) => ({ value: await listBackups(ctx, folder, log) }),
  },
  {
    method: 'PUT',
    path: '/api/v1/backups/plan',
    tag: 'backups',
    summary: 'Whether one is made every night, and how many are kept',
    body: z.strictObject({ daily: z.boolean(), keep: z.number().int().min(1).max(366) }),
    answer: 'none',
    status: 204,
    handler: async ({ ctx, body }) => {
      await saveBackupPlan(ctx, body as { daily: boolean; keep: number });
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: '/api/v1/backups',
    tag: 'backups',
    proof: true,
    summary: 'Make one now, as a job',
    answer: { type: 'object', properties: { job: { type: 'string' } } },
    status: 202,
    handler: async ({ ctx }) => ({ status: 202, value: { job: await startBackup(ctx) } }),
  },
];
