import { createApiKey } from '#engine/access/sign-in.ts';
import { denied, notFound } from '#kit/errors.ts';
import { type Command, optional, required } from '../command.ts';

/** `perigon key create`: prints an API key alone, so that a script can take it. It carries the rights of its user. */
export const command: Command = {
  usage: 'key create --email E [--scope read|write|read:PLURAL|write:PLURAL|import|export|admin …] [--name N] [--as EMAIL]',
  options: { email: { type: 'string' }, scope: { type: 'string', multiple: true }, name: { type: 'string' }, as: { type: 'string' } },
  run: async ({ options, open, print }) => {
    const email = required(options, 'email');
    const scopes = Array.isArray(options['scope']) ? options['scope'].filter((scope) => typeof scope === 'string') : null;
    const product = await open();
    const asker = (await product.commandContext(optional(options, 'as'))).actor;
    const { actor } = await product.commandContext(email);
    if (!actor.userId) throw notFound(`No active user has the e-mail address ${email}.`);
    // A key carries the rights of its user, so only that user, an administrator or the system may have one made.
    if (asker.userId !== null && asker.userId !== actor.userId && !asker.rights.may('administer')) throw denied();
    const { secret } = await createApiKey(product.db, { userId: actor.userId, name: optional(options, 'name') ?? 'command line', scopes });
    print(secret);
    return 0;
  },
};
