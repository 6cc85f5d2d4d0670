import { expect, it } from 'vitest';
import { passwordProblem } from './passwords.ts';

it('takes what is long enough and rare, whatever signs it is made of', async () => {
  for (const good of ['correct horse battery', 'perigon-1234', 'ñandú y tortuga', '        x       '])
    expect(await passwordProblem(good)).toBeNull();
});

it.each([
  ['short', 'tooShort'],
  [undefined, 'tooShort'],
  ['x'.repeat(201), 'tooLong'],
  ['password123', 'known'],
  ['PassWord1', 'known'],
  ['qwertyuiop', 'known'],
  ['eeeeeeeeee', 'known'],
])('refuses %s as %s', async (password, code) => {
  expect(await passwordProblem(password)).toMatchObject({ code });
});
