import { chooseTestFolder, closeTestServer, dropDeadDatabases } from './database.ts';

/** Runs once around the whole test run, in the process that starts the workers. */
export default async function setup(): Promise<() => Promise<void>> {
  // Workers inherit it: the databases that they make carry it in their names.
  process.env['PERIGON_TEST_RUN'] = `${process.pid}`;
  chooseTestFolder();
  await dropDeadDatabases();
  return closeTestServer;
}
