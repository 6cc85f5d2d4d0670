/**
 * One form for the ways in which a country writes the same number: Brazil put a 9 before mobile numbers (2012–2016),
 * Argentina a 9 behind +54 for mobiles called from abroad and 15 within, Mexico a 1 behind +52 until 2019. The extension is
 * another telephone, not another customer.
 */
export function samePhone(e164: string): string {
  const number = e164.replace(/;ext=.*$/, '');
  const brazil = /^\+55(\d\d)9(\d{8})$/.exec(number);
  if (brazil) return `+55${brazil[1]}${brazil[2]}`;
  if (/^\+549\d{10}$/.test(number)) return `+54${number.slice(4)}`;
  // The area code has two to four digits, then 15, then the rest: together twelve.
  const argentina = /^\+54(11|[2-9]\d{2}|[2-9]\d{3})15(\d{6,8})$/.exec(number);
  if (argentina && (argentina[1]?.length ?? 0) + (argentina[2]?.length ?? 0) === 10) return `+54${argentina[1]}${argentina[2]}`;
  if (/^\+521\d{10}$/.test(number)) return `+52${number.slice(4)}`;
  return number;
}
