import { allowPasswords } from '#engine/access/oidc-providers.ts';
import { denied } from '#kit/errors.ts';
import { type Command, optional, UsageError } from '../command.ts';

/** `perigon sign-in passwords on`: the way back when no provider lets anybody in. */
export const command: Command = {
  usage: 'sign-in passwords on|off [--as EMAIL]',
  options: { as: { type: 'string' } },
  operands: { min: 1, max: 1 },
  run: async ({ options, operands, open, print }) => {
    const [wanted] = operands;
    if (wanted !== 'on' && wanted !== 'off') throw new UsageError('Say on or off.');
    const product = await open();
    const { actor } = await product.commandContext(optional(options, 'as'));
    if (!actor.rights.may('administer')) throw denied();
    await allowPasswords(product.db, wanted === 'on');
    print(wanted === 'on' ? 'Passwords open again.' : 'Passwords do not open any more; providers do.');
    return 0;
  },
};
