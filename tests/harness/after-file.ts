import { afterAll } from 'vitest';
import { dropOwnDatabases } from './database.ts';

afterAll(dropOwnDatabases);
