import { newCause } from '#engine/record/context.ts';
import { type Command, required, UsageError } from '../command.ts';
import { seed } from '../seed/seed.ts';

/** `perigon seed --parties N [--deals N]`: fills an empty base with a deterministic world, to measure with. */
export const command: Command = {
  usage: 'seed --parties N [--deals N]',
  options: { parties: { type: 'string' }, deals: { type: 'string' } },
  run: async ({ options, open, print }) => {
    const parties = Number(required(options, 'parties'));
    if (!Number.isInteger(parties) || parties < 1 || parties > 20_000_000)
      throw new UsageError('--parties is a whole number from 1 to 20,000,000.');
    const deals = options.deals === undefined ? undefined : Number(options.deals);
    if (deals !== undefined && (!Number.isInteger(deals) || deals < 0 || deals > 20_000_000))
      throw new UsageError('--deals is a whole number from 0 to 20,000,000.');
    const product = await open();
    const ctx = await product.commandContext(undefined, newCause('seed', `${parties} parties`));
    await seed(ctx, parties, print, deals);
    return 0;
  },
};
