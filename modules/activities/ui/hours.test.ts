import { expect, it } from 'vitest';
import { readDays, readQuestions, readStretches, writeDays, writeQuestions, writeStretches } from './hours.ts';

it('hours are read as they are typed, and written so that they read the same', () => {
  expect(readStretches('9-12, 13:00–17.30')).toEqual([
    ['09:00', '12:00'],
    ['13:00', '17:30'],
  ]);
  expect(readStretches(' ')).toEqual([]);
  expect(readStretches('22-24')).toEqual([['22:00', '24:00']]);
  for (const wrong of ['9', '9-', '12-9', '9-12, 11-13', '9-25', '9-12-15', 'nine-ten', '9:75-10'])
    expect(readStretches(wrong), wrong).toBeNull();
  expect(readStretches(writeStretches([['09:00', '12:00']]))).toEqual([['09:00', '12:00']]);
});

it('days and questions are a line each', () => {
  const days = readDays('2026-12-24\n\n2026-12-31: 9-12');
  expect(days).toEqual([
    { day: '2026-12-24', hours: [] },
    { day: '2026-12-31', hours: [['09:00', '12:00']] },
  ]);
  expect(readDays(writeDays(days ?? []))).toEqual(days);
  expect(readDays('Christmas')).toBeNull();
  const questions = readQuestions('What about? *\n\nHow many of you\n*');
  expect(questions).toEqual([
    { text: 'What about?', required: true },
    { text: 'How many of you', required: false },
  ]);
  expect(readQuestions(writeQuestions(questions))).toEqual(questions);
});
