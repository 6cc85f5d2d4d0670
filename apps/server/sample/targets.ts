import { periodAt, periodsOn } from '#modules/forecast/period.ts';
import { type Staff, type Teller, WORTH } from './teller.ts';

/** How much more than in the same quarter a year before each is to win. */
const MORE = 1.06;
const LEAST = 5000;

/**
 * What the sellers of the story were to win in each quarter of a year and are to win in this one and the next, and what they said at
 * its beginning that they would. The head of sales takes the one who promises too much at less.
 */
export function targets(t: Teller, staff: Staff): void {
  const base = WORTH[t.o.baseCurrency] ?? 1;
  const won = new Map<string, number>();
  for (const { values } of t.rows.get('opportunity') ?? []) {
    const amount = values.amount as { amount: string; currency: string } | null;
    if (values.closedOn === null || values.lostReason !== null || !amount) continue;
    const key = `${values.owner} ${periodAt(String(values.closedOn), 'quarter').from}`;
    won.set(key, (won.get(key) ?? 0) + (Number(amount.amount) * (WORTH[amount.currency] ?? 1)) / base);
  }
  const round = (value: number) => (Math.round(value / 500) * 500).toFixed(2);
  const money = (value: number) => ({ amount: round(value), currency: t.o.baseCurrency });
  const now = periodAt(t.o.today, 'quarter');
  const sellers = [...new Set(Object.values(staff.sales).flat())];
  for (let n = -4; n <= 1; n++) {
    const { from, every } = periodsOn(now, n);
    const back = Math.round((Date.parse(t.o.today) - Date.parse(from)) / 86_400_000);
    sellers.forEach((user, i) => {
      const quota = Math.max(LEAST, (won.get(`${user} ${periodsOn({ from, every }, -4).from}`) ?? 0) * MORE);
      const about = { user, start: from, every };
      t.add('quota', back + 10, { ...about, amount: money(quota) });
      if (n > 0) return;
      // Some promise more than they keep, some less.
      const said = quota * (0.82 + ((i * 7 + n * 3 + 40) % 10) * 0.04);
      const at = t.at(Math.max(1, back - 2), 9, 10 + i);
      t.add('forecastCall', back, { ...about, kind: 'submitted', amount: money(said), saidBy: user, saidAt: at }, at);
      if (said > quota * 1.1)
        t.add(
          'forecastCall',
          back,
          {
            ...about,
            kind: 'override',
            amount: money(said * 0.88),
            note: 'Two of these are not through with their purchasing departments.',
            saidBy: staff.chief,
            saidAt: t.at(Math.max(1, back - 3), 14, 5),
          },
          t.at(Math.max(1, back - 3), 14, 5),
        );
    });
  }
}
