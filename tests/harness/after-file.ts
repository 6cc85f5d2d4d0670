import { afterAll } from 'vitest';
import { dropOwnDatabases } from './database.ts';
import { endFile } from './end-of-file.ts';

afterAll(async () => {
  await endFile();
  await dropOwnDatabases();
});
