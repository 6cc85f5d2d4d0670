import { removeSecondFactor } from '#engine/access/second-factor.ts';
import { noteSignIn } from '#engine/access/sign-in-log.ts';
import { denied, notFound } from '#kit/errors.ts';
import { type Command, optional, required } from '../command.ts';

/** `perigon user reset-factor`: the way back for an administrator who lost theirs and has nobody to take it away. */
export const command: Command = {
  usage: 'user reset-factor --email E [--as EMAIL]',
  options: { email: { type: 'string' }, as: { type: 'string' } },
  run: async ({ options, open, print }) => {
    const email = required(options, 'email');
    const product = await open();
    const asker = (await product.commandContext(optional(options, 'as'))).actor;
    const { actor } = await product.commandContext(email);
    if (!actor.userId) throw notFound(`No active user has the e-mail address ${email}.`);
    if (asker.userId !== null && !asker.rights.may('administer')) throw denied();
    if (!(await removeSecondFactor(product.db, actor.userId, { everything: true }))) throw notFound(`${email} has no second factor.`);
    await noteSignIn(product.db, 'noFactor', {
      userId: actor.userId,
      byId: asker.userId,
      from: { address: 'command line', agent: null },
    });
    print(`The second factor of ${email} is taken away, passkeys and recovery codes with it: the password alone lets in.`);
    return 0;
  },
};
