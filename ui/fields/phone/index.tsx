import type { ReactNode } from 'react';
import { useWords } from '../../words.ts';
import { type ContactPoint, PointCell, PointLines, PointsEdit, pointText, readPoints, writePoints } from '../contact-points.tsx';
import { type EditProps, fieldView } from '../field-view.tsx';
import { TextFilter } from '../filter-controls.tsx';

function PhoneEdit(props: EditProps<ContactPoint[]>): ReactNode {
  const { t } = useWords();
  return <PointsEdit {...props} inputType="tel" addWord={t('contact.addPhone')} />;
}

/** One phone or, where the field is `many`, several with labels. */
export const phone = fieldView<ContactPoint[]>({
  read: readPoints,
  write: (points, field) => writePoints(points, field.many),
  text: (points) => points.map(pointText).join(', '),
  width: 200,
  large: true,
  Cell: ({ value }) => <PointCell points={value} />,
  Read: ({ value }) => <PointLines points={value} scheme="tel" />,
  Edit: PhoneEdit,
  Filter: TextFilter,
});
