/** All field types. A new one is a folder beside these and a line here. */
import type { BoundField, FieldType } from '../field.ts';
import { addressType } from './address/address.ts';
import { autoNumberType } from './auto-number/auto-number.ts';
import { booleanType } from './boolean/boolean.ts';
import { colourType } from './colour/colour.ts';
import { countryType } from './country/country.ts';
import { currencyType } from './currency/currency.ts';
import { dateType } from './date/date.ts';
import { dateTimeType } from './date-time/date-time.ts';
import { decimalType } from './decimal/decimal.ts';
import { durationType } from './duration/duration.ts';
import { emailType } from './email/email.ts';
import { externalIdsType } from './external-ids/external-ids.ts';
import { fileType, imageType } from './file/file.ts';
import { formulaType } from './formula/formula.ts';
import { idType } from './id/id.ts';
import { integerType } from './integer/integer.ts';
import { jsonType } from './json/json.ts';
import { languageType } from './language/language.ts';
import { longTextType } from './long-text/long-text.ts';
import { manyToManyType } from './many-to-many/many-to-many.ts';
import { moneyType } from './money/money.ts';
import { multiSelectType } from './multi-select/multi-select.ts';
import { percentType } from './percent/percent.ts';
import { personNameType } from './person-name/person-name.ts';
import { phoneType } from './phone/phone.ts';
import { ratingType } from './rating/rating.ts';
import { recurrenceType } from './recurrence/recurrence.ts';
import { referenceType } from './reference/reference.ts';
import { richTextType } from './rich-text/rich-text.ts';
import { rollUpType } from './roll-up/roll-up.ts';
import { selectType } from './select/select.ts';
import { tagsType } from './tags/tags.ts';
import { textType } from './text/text.ts';
import { toManyType } from './to-many/to-many.ts';
import { urlType } from './url/url.ts';
import { userType } from './user/user.ts';

const TYPES: readonly FieldType<never>[] = [
  addressType,
  autoNumberType,
  booleanType,
  colourType,
  countryType,
  currencyType,
  dateTimeType,
  dateType,
  decimalType,
  durationType,
  emailType,
  externalIdsType,
  fileType,
  formulaType,
  idType,
  imageType,
  integerType,
  jsonType,
  languageType,
  longTextType,
  manyToManyType,
  moneyType,
  multiSelectType,
  percentType,
  personNameType,
  phoneType,
  ratingType,
  recurrenceType,
  referenceType,
  richTextType,
  rollUpType,
  selectType,
  tagsType,
  textType,
  toManyType,
  urlType,
  userType,
] as unknown as readonly FieldType<never>[];

export const fieldTypes: ReadonlyMap<string, FieldType> = new Map(TYPES.map((type) => [type.key, type as unknown as FieldType]));

const resolved = new WeakMap<BoundField, FieldType>();

/** The descriptor of a field's type, with what depends on the field's own options (one value or many) decided. */
export function typeOf(field: BoundField): FieldType {
  const known = resolved.get(field);
  if (known) return known;
  const base = fieldTypes.get(field.type);
  if (!base) throw new Error(`Field ${field.table}.${field.key} has the unknown type “${field.type}”.`);
  const own = base.forField ? { ...base, ...base.forField(field) } : base;
  const type: FieldType = field.derived ? { ...own, storage: field.derived.kind === 'formula' ? 'formula' : 'figure' } : own;
  resolved.set(field, type);
  return type;
}

export { address, addresses } from './address/address.ts';
export { autoNumber } from './auto-number/auto-number.ts';
export { boolean } from './boolean/boolean.ts';
export { colour } from './colour/colour.ts';
export { country } from './country/country.ts';
export { currency } from './currency/currency.ts';
export { date } from './date/date.ts';
export { dateTime } from './date-time/date-time.ts';
export { decimal } from './decimal/decimal.ts';
export { duration } from './duration/duration.ts';
export { email, emails } from './email/email.ts';
export { externalIds } from './external-ids/external-ids.ts';
export { file, files, image } from './file/file.ts';
export { formula } from './formula/formula.ts';
export { recordId } from './id/id.ts';
export { integer } from './integer/integer.ts';
export { json } from './json/json.ts';
export { language } from './language/language.ts';
export { longText } from './long-text/long-text.ts';
export { manyToMany } from './many-to-many/many-to-many.ts';
export { money } from './money/money.ts';
export { multiSelect } from './multi-select/multi-select.ts';
export { percent } from './percent/percent.ts';
export { personName } from './person-name/person-name.ts';
export { phone, phones } from './phone/phone.ts';
export { rating } from './rating/rating.ts';
export { recurrence } from './recurrence/recurrence.ts';
export { reference } from './reference/reference.ts';
export { richText } from './rich-text/rich-text.ts';
export { rollUp } from './roll-up/roll-up.ts';
export { select } from './select/select.ts';
export { tags } from './tags/tags.ts';
export { text } from './text/text.ts';
export { toMany } from './to-many/to-many.ts';
export { url } from './url/url.ts';
export { user } from './user/user.ts';
