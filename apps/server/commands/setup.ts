import { type Command, optional, required } from '../command.ts';

/** `perigon setup`: what the first page asks, without a browser. */
export const command: Command = {
  usage:
    'setup --company C --currency EUR --language en --time-zone Europe/Berlin [--country DE] [--email E --name N --password P]\n\nE-mail, name and password are those of the first administrator; `perigon user add --admin` makes one later.',
  options: {
    company: { type: 'string' },
    currency: { type: 'string' },
    language: { type: 'string' },
    'time-zone': { type: 'string' },
    country: { type: 'string' },
    email: { type: 'string' },
    name: { type: 'string' },
    password: { type: 'string' },
  },
  run: async ({ options, open, print }) => {
    const email = optional(options, 'email');
    const country = optional(options, 'country');
    const values = {
      company: required(options, 'company'),
      baseCurrency: required(options, 'currency'),
      language: required(options, 'language'),
      timeZone: required(options, 'time-zone'),
      ...(country ? { country } : {}),
      ...(email ? { admin: { name: required(options, 'name'), email, password: required(options, 'password') } } : {}),
    };
    const product = await open();
    await product.setUp(values);
    print(
      email
        ? `${values.company} is set up. Start Perigon and sign in as ${email}.`
        : `${values.company} is set up. Make an administrator: perigon user add --email E --name N --password P --admin`,
    );
    return 0;
  },
};
