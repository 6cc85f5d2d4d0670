import { IconChartPie } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { useMeta } from '#ui/meta.ts';
import { type RecordAct, RecordScreen } from '#ui/record/record-screen.tsx';
import type { ObjectMeta, RecordData } from '#ui/wire.ts';
import { useWords } from '#ui/words.ts';
import { CreditDialog } from './credit-dialog.tsx';
import { DealTop } from './deal-top.tsx';

/** The page of a deal: where it stands in its pipeline, what is to be done there, and everything any record has. */
export function DealRecord({ object, id }: { object: ObjectMeta; id: string }): ReactNode {
  const { t } = useWords();
  const meta = useMeta();
  const [crediting, setCrediting] = useState<RecordData | null>(null);
  const may = meta.object('dealCredit')?.verbs.create === true && object.verbs.update;
  const acts = (record: RecordData): RecordAct[] =>
    may ? [{ key: 'credit', word: t('deal.split'), icon: IconChartPie, run: () => setCrediting(record) }] : [];
  return (
    <>
      <RecordScreen object={object} id={id} actsOf={acts} top={(record) => <DealTop object={object} record={record} />} />
      {crediting && <CreditDialog deal={crediting} onClose={() => setCrediting(null)} />}
    </>
  );
}
