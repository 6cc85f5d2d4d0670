import { invalid } from '#kit/errors.ts';

const LEAST = 8;
const MOST = 200;

/** Passwords that others chose before and that were lost with their accounts, small letters; read when a password is set, not at every start. */
let known: Promise<ReadonlySet<string>> | undefined;
function knownPasswords(): Promise<ReadonlySet<string>> {
  known ??= import('@zxcvbn-ts/language-common').then(({ dictionary }) => new Set(dictionary['passwords-common']));
  return known;
}

/** What is wrong with a password; null where it will do. Length and rarity, no rules about signs (NIST SP 800-63B, 5.1.1.2). */
export async function passwordProblem(password: unknown): Promise<{ code: string; detail: string } | null> {
  if (typeof password !== 'string' || password.length < LEAST) return { code: 'tooShort', detail: `At least ${LEAST} characters.` };
  if (password.length > MOST) return { code: 'tooLong', detail: `At most ${MOST} characters.` };
  const small = password.toLowerCase();
  if ((await knownPasswords()).has(small) || /^(.)\1*$/u.test(small))
    return { code: 'known', detail: 'Too many people use this one: it is among the first that are tried.' };
  return null;
}

/** Refuses passwords that are too easy; says why at the field. */
export async function checkPassword(password: string, path = 'password'): Promise<string> {
  const problem = await passwordProblem(password);
  if (problem) throw invalid('The password is too easy.', [{ path, ...problem }]);
  return password;
}
