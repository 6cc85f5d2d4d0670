import type { Context } from '#engine/record/context.ts';
import { write } from '#engine/record/write.ts';
import { conflict } from '#kit/errors.ts';
import { copyWorld } from './copy.ts';
import { type SeedObject, seedWorld } from './world.ts';

/** The world for a company that is set up: its own pipeline and stages, and nothing yet about customers. */
export async function worldFor(ctx: Context, parties: number, deals?: number): Promise<SeedObject[]> {
  const stages = await ctx.db.query<{ id: string; pipeline: string; category: string; probability: number }>(
    `select s.id, s.pipeline_id as pipeline, s.category, s.probability::float8 as probability from stages s join pipelines p on p.id = s.pipeline_id where s.deleted_at is null order by coalesce(p.is_default, false) desc, s.position`,
  );
  const pipeline = stages[0]?.pipeline ?? '';
  const own = stages.filter((stage) => stage.pipeline === pipeline);
  return seedWorld(parties, { timeZone: ctx.env.timeZone, pipeline, stages: own, ...(deals === undefined ? {} : { deals }) });
}

/** Fills an empty base with a deterministic world of `parties` parties and ten interactions each, by COPY. */
export async function seed(ctx: Context, parties: number, report: (line: string) => void, deals?: number): Promise<void> {
  const [held] = await ctx.db.query<{ n: number }>('select count(*)::int as n from (select 1 from parties limit 1) x');
  if ((held?.n ?? 0) > 0)
    throw conflict('There are parties here already. Seed an empty base: set PERIGON_DATA or DATABASE_URL to another one.');
  await copyWorld(ctx, await worldFor(ctx, parties, deals), report);
}

/** The same world through the write pipeline: slow, and the measure of what the copy must leave. */
export async function seedThroughPipeline(ctx: Context, parties: number): Promise<void> {
  for (const seeded of await worldFor(ctx, parties)) {
    if (seeded.derived) continue;
    const object = ctx.model.object(seeded.key);
    for (let from = 0; from < seeded.count; from += 1000) {
      const rows = Array.from({ length: Math.min(1000, seeded.count - from) }, (_, i) => seeded.row(from + i)).filter(
        (row) => row !== null,
      );
      await write(
        ctx,
        object,
        rows.map((row) => ({ op: 'create', id: row.id, values: row.values })),
        { trusted: true },
      );
    }
  }
}
