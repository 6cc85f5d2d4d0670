import { type Command, optional, required } from '../command.ts';

/** `perigon user add`: a user who can sign in, with rights of an administrator or of the roles named. */
export const command: Command = {
  usage: 'user add --email E --name N --password P [--admin | --role KEY …] [--as EMAIL]',
  options: {
    email: { type: 'string' },
    name: { type: 'string' },
    password: { type: 'string' },
    admin: { type: 'boolean' },
    role: { type: 'string', multiple: true },
    as: { type: 'string' },
  },
  run: async ({ options, open, print }) => {
    const [email, name, password] = [required(options, 'email'), required(options, 'name'), required(options, 'password')];
    const named = Array.isArray(options['role']) ? options['role'].filter((key) => typeof key === 'string') : [];
    const roles = options['admin'] ? ['administrator', ...named] : named.length > 0 ? named : ['readOnly'];
    const product = await open();
    await product.addUser(await product.commandContext(optional(options, 'as')), { email, name, password, roles });
    print(`${name} can sign in as ${email}, with the rights of: ${roles.join(', ')}.`);
    return 0;
  },
};
