import { newCause } from '#engine/record/context.ts';
import { causeOf, undoCause } from '#engine/record/undo.ts';
import { type Command, optional } from '../command.ts';

/** `perigon undo`: takes back all that a cause wrote, and lists what someone changed since. */
export const command: Command = {
  usage: 'undo CAUSE [--dry-run] [--json] [--as EMAIL]',
  options: { 'dry-run': { type: 'boolean' }, json: { type: 'boolean' }, as: { type: 'string' } },
  operands: { min: 1, max: 1 },
  run: async ({ options, operands, open, print }) => {
    const product = await open();
    const asked = await product.commandContext(optional(options, 'as'));
    const cause = await causeOf(asked, operands[0] ?? '');
    const ctx = { ...asked, cause: newCause('undo', cause.label, cause.id) };
    const report = await undoCause(ctx, cause.id, { dryRun: options['dry-run'] === true });
    print(JSON.stringify(report, null, options['json'] ? undefined : 2));
    const taken = report.restored + report.removed + report.revived;
    // A dry run does nothing and has done all that it was asked.
    if (options['dry-run'] === true || report.conflictCount === 0) return 0;
    return taken > 0 ? 2 : 1;
  },
};
