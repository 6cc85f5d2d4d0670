import { FieldProblem } from '../../field.ts';

/**
 * Reads a number as people type it ("1.234,50", "1,234.50", "1 234", "-7", "(7)") into plain decimal text. A single
 * separator followed by exactly three digits is a thousands separator only when it stands more than once or the other one
 * follows; "1,234" alone is read in the English way, as one thousand two hundred thirty-four, and "1.234" as a decimal.
 */
export function plainNumber(text: string): string {
  let digits = text
    .trim()
    .replace(/[\s\u00a0\u202f'’]/g, '')
    .replace(/^\+/, '')
    .replace(/[−–]/, '-');
  if (/^\(.*\)$/.test(digits)) digits = `-${digits.slice(1, -1)}`;
  const comma = digits.lastIndexOf(',');
  const point = digits.lastIndexOf('.');
  if (comma >= 0 && point >= 0) {
    digits = comma > point ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', '');
  } else if (comma >= 0) {
    const thousands = /^-?\d{1,3}(,\d{3})+$/.test(digits);
    digits = thousands ? digits.replaceAll(',', '') : digits.replace(',', '.');
  } else if (/^-?\d{1,3}(\.\d{3}){2,}$/.test(digits)) {
    digits = digits.replaceAll('.', '');
  }
  if (!/^-?(\d+\.?\d*|\.\d+)$/.test(digits)) throw new FieldProblem('type', `“${text.trim().slice(0, 40)}” is not a number.`);
  return digits;
}
