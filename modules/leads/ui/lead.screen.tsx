import type { ReactNode } from 'react';
import { RecordScreen } from '#ui/record/record-screen.tsx';
import type { ObjectMeta } from '#ui/wire.ts';
import { ScorePart } from './score-part.tsx';

/** The page of a lead: how promising it is and whose, and everything any record has. */
export function LeadRecord({ object, id }: { object: ObjectMeta; id: string }): ReactNode {
  return <RecordScreen object={object} id={id} top={(record) => <ScorePart object={object} record={record} />} />;
}
