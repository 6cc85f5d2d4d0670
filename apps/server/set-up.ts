import { type Actor, systemAs } from '#engine/access/actor.ts';
import { checkPassword, passwordProblem } from '#engine/access/passwords.ts';
import { setPassword } from '#engine/access/sign-in.ts';
import type { SetUp } from '#engine/api/session.routes.ts';
import { FieldProblem } from '#engine/declare/field.ts';
import { currencyCode } from '#engine/declare/fields/currency/currency.ts';
import { languageTag } from '#engine/declare/fields/language/language.ts';
import { type Cause, type Context, newCause } from '#engine/record/context.ts';
import type { Module } from '#engine/record/module.ts';
import { bringGrants } from '#engine/record/role-grants.ts';
import { loadSettings, saveSettings } from '#engine/record/settings.ts';
import { writeOne } from '#engine/record/write.ts';
import type { Db } from '#engine/store/db.ts';
import { conflict, invalid } from '#kit/errors.ts';

/** What a set-up says of the company; the first administrator is optional on the command line. */
export type CompanySetUp = Omit<SetUp, 'admin'> & { admin?: SetUp['admin'] };

export interface NewUser {
  name: string;
  email: string;
  password: string | null;
  roles: readonly string[];
}

/** Makes company, roles and pipeline, and the first administrator where one is given; gives their id. Refuses a second time. */
export async function setUpCompany(
  o: { db: Db; all: readonly Module[]; context(actor: Actor, cause: Cause): Promise<Context> },
  values: CompanySetUp,
): Promise<string | null> {
  await checkSetUp(values);
  if ((await loadSettings(o.db)) !== null) throw conflict('Perigon is set up already.');
  const ctx = await o.context(systemAs('set-up'), newCause('setup', values.company));
  const env = { ...ctx.env, baseCurrency: values.baseCurrency.toUpperCase(), timeZone: values.timeZone };
  // Roles and pipelines may be there from a set-up that was interrupted before the company was saved.
  const [roles] = await o.db.query<{ n: number }>('select count(*)::int as n from roles where deleted_at is null');
  if ((roles?.n ?? 0) === 0) for (const module of o.all) await module.install?.({ ...ctx, env }, values.language);
  await bringGrants({ ...ctx, env }, o.db, o.all);
  const userId = values.admin ? await addUser({ ...ctx, env }, { ...values.admin, roles: ['administrator'] }) : null;
  await saveSettings(o.db, {
    name: values.company,
    baseCurrency: env.baseCurrency,
    language: languageTag(values.language),
    timeZone: values.timeZone,
    country: values.country?.toUpperCase() ?? countryOf(values.language, values.timeZone),
  });
  return userId;
}

/** Makes a user with some roles, by their keys; one without a password comes in by a link or a provider. */
export async function addUser(ctx: Context, values: NewUser): Promise<string> {
  if (values.password !== null) await checkPassword(values.password);
  const rows = await ctx.db.query<{ id: string; key: string }>(
    'select id, key from roles where key = any($1::text[]) and deleted_at is null',
    [values.roles],
  );
  const missing = values.roles.find((key) => !rows.some((row) => row.key === key));
  if (missing) throw invalid('There is no such role.', [{ path: 'roles', code: 'reference', detail: `No role is called “${missing}”.` }]);
  const made = await writeOne(ctx, ctx.model.object('user'), {
    op: 'create',
    values: { name: values.name, email: values.email, roles: rows.map((row) => row.id) },
  });
  if (values.password !== null) await setPassword(ctx.db, made.id, values.password);
  return made.id;
}

async function checkSetUp(values: CompanySetUp): Promise<void> {
  const problems: { path: string; code: string; detail: string }[] = [];
  const attempt = (path: string, check: () => void) => {
    try {
      check();
    } catch (problem) {
      problems.push({
        path,
        code: 'invalid',
        detail: problem instanceof FieldProblem || problem instanceof Error ? problem.message : String(problem),
      });
    }
  };
  if (!values.company.trim()) problems.push({ path: 'company', code: 'required', detail: 'A value is needed.' });
  attempt('baseCurrency', () => currencyCode(values.baseCurrency));
  attempt('language', () => languageTag(values.language));
  attempt('timeZone', () => {
    try {
      new Intl.DateTimeFormat('en', { timeZone: values.timeZone });
    } catch {
      throw new Error(`“${values.timeZone.slice(0, 60)}” is not a time zone such as Europe/Berlin.`);
    }
  });
  const { admin } = values;
  const weak = admin && (await passwordProblem(admin.password));
  if (weak) problems.push({ path: 'admin.password', ...weak });
  if (admin && !/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(admin.email))
    problems.push({ path: 'admin.email', code: 'email', detail: 'Not an e-mail address.' });
  if (problems.length > 0) throw invalid('The set-up cannot be accepted.', problems);
}

/** The country that language and time zone suggest: national telephone numbers are read by it until someone says otherwise. */
function countryOf(language: string, timeZone: string): string {
  const byZone: Record<string, string> = {
    'Europe/Berlin': 'DE',
    'Europe/Vienna': 'AT',
    'Europe/Zurich': 'CH',
    'Europe/London': 'GB',
    'Europe/Paris': 'FR',
    'Europe/Madrid': 'ES',
    'Europe/Rome': 'IT',
    'Europe/Amsterdam': 'NL',
  };
  return byZone[timeZone] ?? new Intl.Locale(language).maximize().region ?? 'US';
}
