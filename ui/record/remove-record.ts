import { request } from '../api.ts';
import { showFailure, showUndo } from '../notify.tsx';
import { queryClient } from '../query-client.ts';
import type { ObjectMeta, RecordData } from '../wire.ts';
import { words } from '../words.ts';

/** Deletes a record at once and offers to take it back. True when it went. */
export async function removeRecord(object: ObjectMeta, record: RecordData): Promise<boolean> {
  try {
    const { cause } = await request('DELETE', `/${object.plural}/${record.id}`, { headers: { 'if-match': `"${record.version}"` } });
    queryClient.removeQueries({ queryKey: ['record', object.plural, record.id] });
    await queryClient.invalidateQueries({ queryKey: ['list', object.plural] });
    showUndo(words().t('record.deleted', { name: String(record[object.title] ?? '') }), cause);
    return true;
  } catch (failure) {
    showFailure(failure);
    return false;
  }
}
