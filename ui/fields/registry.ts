import { address } from './address/index.tsx';
import { autoNumber } from './auto-number/index.tsx';
import { boolean } from './boolean/index.tsx';
import { colour } from './colour/index.tsx';
import { country } from './country/index.tsx';
import { currency } from './currency/index.tsx';
import { date } from './date/index.tsx';
import { dateTime } from './date-time/index.tsx';
import { decimal } from './decimal/index.tsx';
import { duration } from './duration/index.tsx';
import { email } from './email/index.tsx';
import { externalIds } from './external-ids/index.tsx';
import type { FieldView } from './field-view.tsx';
import { file } from './file/index.tsx';
import { image } from './image/index.tsx';
import { integer } from './integer/index.tsx';
import { json } from './json/index.tsx';
import { language } from './language/index.tsx';
import { longText } from './long-text/index.tsx';
import { manyToMany } from './many-to-many/index.tsx';
import { money } from './money/index.tsx';
import { multiSelect } from './multi-select/index.tsx';
import { percent } from './percent/index.tsx';
import { personName } from './person-name/index.tsx';
import { phone } from './phone/index.tsx';
import { rating } from './rating/index.tsx';
import { recurrence } from './recurrence/index.tsx';
import { reference } from './reference/index.tsx';
import { richText } from './rich-text/index.tsx';
import { select } from './select/index.tsx';
import { tags } from './tags/index.tsx';
import { text } from './text/index.tsx';
import { toMany } from './to-many/index.tsx';
import { url } from './url/index.tsx';
import { user } from './user/index.tsx';

/** Every field type on screen, by the key it is declared under. A new type is one folder and one line here. */
const views: Record<string, FieldView> = {
  address,
  autoNumber,
  boolean,
  colour,
  country,
  currency,
  date,
  dateTime,
  decimal,
  duration,
  email,
  externalIds,
  file,
  image,
  integer,
  json,
  language,
  longText,
  manyToMany,
  money,
  multiSelect,
  percent,
  personName,
  phone,
  rating,
  recurrence,
  reference,
  richText,
  select,
  tags,
  text,
  toMany,
  url,
  user,
};

/** How a field of this type looks; a type this client does not know yet shows as text and stays unchanged. */
export function viewOf(type: string): FieldView {
  return views[type] ?? text;
}
