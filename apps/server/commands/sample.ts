import { followJob } from '#engine/jobs/jobs.ts';
import { type Command, UsageError } from '../command.ts';
import { startSample } from '../sample/load.ts';
import { sampleStatus, startRemoval } from '../sample/remove.ts';

/** `perigon sample load|remove`: the sample company, as a job that is followed to its end. */
export const command: Command = {
  usage:
    'sample load|remove [--keep | --remove]\n\nWhat is your own and hangs on the sample company, or was changed in it, is listed first; --keep keeps it, --remove removes it too.',
  options: { keep: { type: 'boolean' }, remove: { type: 'boolean' }, as: { type: 'string' } },
  operands: { min: 1, max: 1 },
  run: async ({ options, operands, open, print, warn }) => {
    const [verb] = operands;
    if (verb !== 'load' && verb !== 'remove') throw new UsageError(`"${verb ?? ''}" is neither load nor remove.`);
    if (options['keep'] && options['remove']) throw new UsageError('--keep or --remove, not both.');
    const product = await open();
    const ctx = await product.commandContext(typeof options['as'] === 'string' ? options['as'] : undefined);
    if (!ctx.actor.rights.may('administer')) throw new UsageError('Only an administrator loads and removes the sample company.');
    let id: string;
    if (verb === 'load') id = await startSample(ctx);
    else {
      const { groups } = await sampleStatus(ctx);
      for (const group of groups) {
        const more = group.count > group.examples.length ? ' …' : '';
        const what = group.kind === 'hanging' ? 'of your own that hang on it' : 'of it that somebody changed';
        print(`${group.count} ${group.object} ${what}: ${group.examples.map(({ title }) => title).join(', ')}${more}`);
      }
      const rest = options['keep'] ? 'keep' : options['remove'] ? 'remove' : undefined;
      if (groups.length > 0 && !rest) {
        warn('Say --keep or --remove. Nothing was removed.');
        return 1;
      }
      id = await startRemoval(ctx, { keep: [], remove: [], rest });
    }
    await product.start();
    const job = await followJob(ctx, id);
    if (job.state !== 'done') {
      warn(job.error ?? `The job was ${job.state}.`);
      return 1;
    }
    print(
      verb === 'load'
        ? `The sample company is loaded, ${job.done} records. Remove it with: perigon sample remove`
        : `The sample company is removed, ${job.done} records.`,
    );
    return 0;
  },
};
