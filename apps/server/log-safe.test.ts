import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { faultOf, placeOf, safe, sqlOf } from './log-safe.ts';

const databaseError = (code: string, message: string, detail: string): pg.DatabaseError =>
  Object.assign(new pg.DatabaseError(message, message.length, 'error'), { code, detail, table: 'parties', constraint: 'parties_email' });

describe('what of an error may be logged', () => {
  it('names tables and constraints of PostgreSQL, never the values', () => {
    const twice = faultOf(
      databaseError('23505', 'duplicate key value violates unique constraint "parties_email"', 'Key (email)=(anna@x.example)'),
    );
    expect(twice).toMatchObject({ code: '23505', about: 'parties parties_email', message: /unique constraint "parties_email"/ });
    expect(JSON.stringify(twice)).not.toContain('anna');
    for (const code of ['22P02', '22007', 'P0001'])
      expect(JSON.stringify(faultOf(databaseError(code, 'invalid input syntax for type uuid: "hunter-2"', 'hunter-2')))).not.toContain(
        'hunter',
      );
  });

  it('is free of passwords, tokens and queries', () => {
    const token = 'a'.repeat(43);
    const said = [
      'connect postgresql://perigon:hunter2@127.0.0.1:5432/x failed',
      'GET https://other.example/hook?key=hunter2 answered 500',
      'header Authorization: Bearer hunter2',
      'bad {"password":"hunter2"} and token=hunter2;',
      `session ${token}`,
    ];
    for (const one of said) {
      expect(safe(one), one).not.toMatch(/hunter2|aaaa/);
      const { message, stack } = faultOf(new Error(one));
      expect(`${message}${stack}`).not.toMatch(/hunter2|aaaa/);
    }
    expect(safe('connect postgresql://perigon:hunter2@127.0.0.1:5432/x failed')).toBe('connect postgresql://…@127.0.0.1:5432/x failed');
  });

  it('takes what is no error, too', () => {
    expect(faultOf('token=abc')).toEqual({ type: 'string', message: 'token=…' });
    expect(faultOf(Object.assign(new Error('away'), { code: 'ECONNRESET' }))).toMatchObject({
      type: 'Error',
      code: 'ECONNRESET',
      message: 'away',
    });
  });
});

it('a statement is logged on one line without the texts in it', () => {
  expect(sqlOf("select 1\n  from parties where name = 'O''Hara' and id = $1::uuid")).toBe(
    "select 1 from parties where name = '…' and id = $1::uuid",
  );
  expect(sqlOf(`select ${'x, '.repeat(2000)}`).length).toBeLessThan(2100);
});

it('the place of a statement is the first frame outside the database’s files', () => {
  const stack = `Error
    at Object.query (file:///srv/perigon/apps/server/slow-queries.ts:12:13)
    at file:///srv/perigon/engine/store/db.ts:170:7
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)
    at async readList (file:///srv/perigon/engine/record/read.ts:88:16)
    at async Object.handler (file:///srv/perigon/engine/api/records.routes.ts:40:5)`;
  expect(placeOf(stack)).toBe('readList engine/record/read.ts:88');
  expect(placeOf('Error\n    at async file:///srv/perigon/modules/sales/forecast.ts:7:9')).toBe('modules/sales/forecast.ts:7');
  expect(placeOf('Error')).toBeNull();
});
