import { afterAll } from 'vitest';
import { dropOwnDatabases } from './database.ts';
import { endFile } from './end-of-file.ts';
import { removeTemporaryFolders } from './places.ts';

afterAll(async () => {
  await endFile();
  await dropOwnDatabases();
  removeTemporaryFolders();
});
