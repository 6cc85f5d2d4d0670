import { figuresOf } from '#engine/declare/figures.ts';
import { startBuilding } from '#engine/figures/building.ts';
import { enqueueJob, followJob } from '#engine/jobs/jobs.ts';
import { type Command, optional, UsageError } from '../command.ts';

/** `perigon rebuild-figures`: reckons roll-up fields anew, while everybody goes on working. */
export const command: Command = {
  usage: 'rebuild-figures [--object KEY]\n\nReckons the roll-up fields of all objects, or of one, from what is there.',
  options: { object: { type: 'string' }, as: { type: 'string' } },
  run: async ({ options, open, print, warn }) => {
    const product = await open();
    const ctx = await product.commandContext(optional(options, 'as'));
    if (!ctx.actor.rights.may('administer')) throw new UsageError('Only an administrator rebuilds figures.');
    const key = optional(options, 'object');
    const objects = [...product.model.objects.values()].filter((object) => figuresOf(object).length > 0 && (!key || object.key === key));
    if (objects.length === 0) throw new UsageError(key ? `${key} has no roll-up fields.` : 'Nothing here has roll-up fields.');
    const jobs: string[] = [];
    for (const object of objects) jobs.push(await startBuilding(ctx.db, enqueueJob, object, null, ctx.actor));
    await product.start();
    for (const [i, id] of jobs.entries()) {
      const job = await followJob(ctx, id);
      if (job.state !== 'done') {
        warn(job.error ?? `The job was ${job.state}.`);
        return 1;
      }
      print(`${objects[i]?.plural}: ${job.done} reckoned, ${Number(job.result?.mended ?? 0)} were other before`);
    }
    return 0;
  },
};
