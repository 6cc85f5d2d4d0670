import { IconChartPie, IconListNumbers } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { fieldOf, useMeta } from '#ui/meta.ts';
import { type RecordAct, RecordScreen } from '#ui/record/record-screen.tsx';
import type { ObjectMeta, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { CreditDialog } from './credit-dialog.tsx';
import { DealLines } from './deal-lines.tsx';
import { DealTop } from './deal-top.tsx';
import { LinesDialog } from './lines-dialog.tsx';

/** The page of a deal: where it stands in its pipeline, what is to be done there, and everything any record has. */
export function DealRecord({ object, id }: { object: ObjectMeta; id: string }): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const [crediting, setCrediting] = useState<RecordData | null>(null);
  const [listing, setListing] = useState<RecordData | null>(null);
  const may = meta.object('dealCredit')?.verbs.create === true && object.verbs.update;
  const line = meta.object('dealLine');
  const mayList = object.verbs.update && line?.verbs.create === true && fieldOf(line, 'unitPrice') !== undefined;
  const acts = (record: RecordData): RecordAct[] => [
    ...(mayList ? [{ key: 'lines', word: t('deal.editLines'), icon: IconListNumbers, run: () => setListing(record) }] : []),
    ...(may ? [{ key: 'credit', word: t('deal.split'), icon: IconChartPie, run: () => setCrediting(record) }] : []),
  ];
  return (
    <>
      <RecordScreen
        object={object}
        id={id}
        actsOf={acts}
        top={(record) => (
          <DealTop object={object} record={record}>
            <DealLines deal={record} onEdit={mayList ? () => setListing(record) : null} />
          </DealTop>
        )}
      />
      {listing && <LinesDialog deal={listing} onClose={() => setListing(null)} />}
      {crediting && <CreditDialog deal={crediting} onClose={() => setCrediting(null)} />}
    </>
  );
}
