import type { ReactNode } from 'react';
import { useWords } from '../../words.ts';
import { type ContactPoint, PointCell, PointLines, PointsEdit, pointText, readPoints, writePoints } from '../contact-points.tsx';
import { type EditProps, fieldView } from '../field-view.tsx';
import { TextFilter } from '../filter-controls.tsx';

function EmailEdit(props: EditProps<ContactPoint[]>): ReactNode {
  const { t } = useWords();
  return <PointsEdit {...props} inputType="email" addWord={t('contact.addEmail')} />;
}

/** One email or, where the field is `many`, several with labels. */
export const email = fieldView<ContactPoint[]>({
  read: readPoints,
  write: (points, field) => writePoints(points, field.many),
  text: (points) => points.map(pointText).join(', '),
  width: 216,
  large: true,
  Cell: ({ value }) => <PointCell points={value} />,
  Read: ({ value }) => <PointLines points={value} scheme="mailto" />,
  Edit: EmailEdit,
  Filter: TextFilter,
});
