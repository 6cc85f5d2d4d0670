import type { Customer, Teller } from './teller.ts';

/** A coffee by video that guests book with the key account manager, and prospects who are called about the new grinder. Without the dice. */
export function calling(t: Teller, staff: { keyAccounts: string; chief: string; marketing: string }, customers: readonly Customer[]): void {
  const mornings = Object.fromEntries(
    ['1', '2', '3', '4', '5'].map((day) => [
      day,
      [
        ['09:00', '12:00'],
        ['14:00', '16:00'],
      ],
    ]),
  );
  const page = (title: string, slug: string, values: Record<string, unknown>): string =>
    t.add('bookingPage', 40, {
      title,
      // A second sample beside kept records has addresses of its own.
      slug: `${slug}-${t.o.seed.slice(-4)}`,
      owner: staff.keyAccounts,
      hours: mornings,
      timeZone: 'Europe/Berlin',
      ...values,
    });
  page('Half an hour about your coffee', 'coffee', {
    intro: 'Tell us how many cups your guests drink before nine. We bring the figures of houses like yours.',
    bufferAfter: 15,
    mostPerDay: 4,
    questions: [{ text: 'How many houses do you run?', required: true }],
  });
  page('Visit of the workshop in Hamburg', 'workshop', {
    hosts: [{ id: staff.keyAccounts }, { id: staff.chief }],
    assignment: 'all',
    length: 90,
    step: 60,
    notice: 2880,
    place: 'Ardea workshop, Hamburg',
  });
  const list = t.add('callList', 12, {
    name: 'Prospects for the spring fair',
    owner: staff.marketing,
    callers: [{ id: staff.keyAccounts }],
    campaign: 'Spring fair',
    script:
      'Good morning, this is Ardea.\nWe show the new machine at the spring fair and keep a cup for you.\nWhich day suits you? Who else of your house should taste it?',
  });
  const said = [
    { status: 'done', outcome: 'interested', note: 'Comes on the second day with the head of breakfast.' },
    { status: 'done', outcome: 'reached', note: 'Sends a colleague.' },
    { status: 'done', outcome: 'notInterested', note: 'Bought from a rival last year.' },
    { status: 'unreachable', outcome: 'wrongNumber', note: null },
    { status: 'later', outcome: 'noAnswer', note: null },
  ];
  customers
    .filter(({ prospect }) => prospect)
    .slice(0, 24)
    .forEach(({ id }, at) => {
      const call = said[at];
      t.add('callListEntry', 5, {
        list,
        party: id,
        position: at + 1,
        ...(call ? { ...call, tries: 1, lastCalledAt: `${t.day(3)}T09:${String(10 + at).padStart(2, '0')}:00.000Z` } : {}),
      });
    });
}
