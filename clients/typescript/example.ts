import { all, PerigonError, perigon } from './src/index.ts';

/** Five lines of use, also tried by the tests against a running Perigon. */
export async function example(url: string, key: string): Promise<{ names: string[]; code: string }> {
  const client = perigon({ url, key });
  const { data: made } = await client.POST('/api/v1/parties', { body: { name: 'Made by the client', kind: 'organisation' } });
  if (made) await client.PATCH('/api/v1/parties/{id}', { params: { path: { id: made.id } }, body: { description: 'Changed' } });
  const names: string[] = [];
  for await (const party of all((cursor) => client.GET('/api/v1/parties', { params: { query: { limit: 2, sort: 'name', cursor } } })))
    names.push(party.name ?? '');
  try {
    await client.POST('/api/v1/notes', { body: { subject: '', party: 'nobody' } });
    return { names, code: 'none' };
  } catch (error) {
    if (!(error instanceof PerigonError)) throw error;
    return { names, code: error.errors[0]?.path ?? error.code };
  }
}
