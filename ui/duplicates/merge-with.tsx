import { Modal, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { RecordPicker } from '../fields/record-picker.tsx';
import { formatPercent } from '../format.ts';
import { titleText } from '../list/record-title.tsx';
import type { ObjectMeta, RecordData } from '../wire.ts';
import { useWords } from '../words.ts';
import classes from './duplicates.module.css';
import { pairsOfQuery, reasonText } from './duplicates.ts';

/** Which other record this one is merged with: the likely ones first, or any by its name. */
export function MergeWith({ object, record, onClose }: { object: ObjectMeta; record: RecordData; onClose: () => void }): ReactNode {
  const { t } = useWords();
  const navigate = useNavigate();
  const { data: pairs = [], isPending } = useQuery(pairsOfQuery(object, record.id));
  const choose = (other: string): void => {
    onClose();
    void navigate({ to: '/o/$plural/$id/merge', params: { plural: object.plural, id: record.id }, search: { with: other } });
  };
  const likely = pairs.flatMap((pair) => {
    const other = pair.records.find(({ id }) => id !== record.id);
    return other ? [{ pair, other }] : [];
  });
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('merge.chooseOne', { name: titleText(object, record) || t('record.unnamed') })}
      size={480}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {/* Where the focus goes depends on whether there are likely ones. */}
      {!isPending && (
        <Stack gap="md">
          {likely.length > 0 && (
            <section aria-label={t('merge.likely')}>
              <h3 className={classes.likelyTitle}>{t('merge.likely')}</h3>
              {likely.map(({ pair, other }, at) => (
                <button
                  key={pair.id}
                  type="button"
                  data-autofocus={at === 0 || undefined}
                  className={classes.likely}
                  onClick={() => choose(other.id)}
                >
                  <span className="pg-ellipsis">{titleText(object, other) || t('record.unnamed')}</span>
                  <span className="pg-secondary pg-figures">
                    {t('duplicate.likelihood', { percent: formatPercent(Math.min(0.99, Math.floor(pair.likelihood * 100) / 100)) })}
                  </span>
                  <span className={`${classes.likelyWhy} pg-meta`}>{reasonText(object, pair.reasons)}</span>
                </button>
              ))}
            </section>
          )}
          <RecordPicker
            object={object.key}
            value={null}
            onChange={(one) => one && choose(one.id)}
            label={likely.length > 0 ? t('merge.otherOne') : undefined}
            ariaLabel={t('merge.otherOne')}
            autoFocus={likely.length === 0}
          />
        </Stack>
      )}
    </Modal>
  );
}
