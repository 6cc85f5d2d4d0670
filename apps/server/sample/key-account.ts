import type { Place } from './places.ts';
import { addressOf, type Customer, type Delivery, type Product, type Staff, type Teller } from './teller.ts';

/**
 * The hotel group Nordlicht, told by hand: won three years ago, disappointed by slow repairs, lost to another maker twenty
 * months ago, visited again by a patient key account manager, and won back five months ago with a promise of twenty-four hours.
 */
export function keyAccount(
  t: Teller,
  staff: Staff,
  products: readonly Product[],
  places: readonly Place[],
): { id: string; machines: Delivery[] } {
  const place = places[0] as Place;
  const owner = staff.keyAccounts;
  const [lead = '', agent = ''] = staff.service;
  const named = (name: string) => products.find((product) => product.name === name) as Product;
  const pro = named('Ardea Pro');
  const month = 30.4;
  const months = (n: number) => Math.round(n * month);
  const hamburg = { ...addressOf(t, place).address, street: 'Neuer Wall 41', postalCode: '20354', city: 'Hamburg', region: 'Hamburg' };
  const id = t.add('party', months(35.6), {
    kind: 'organisation',
    name: 'Nordlicht Hotels AG',
    roles: ['customer'],
    lifecycleStage: 'wonBack',
    owner,
    accountTeam: [
      { id: owner, role: 'sales' },
      { id: lead, role: 'service' },
      { id: staff.chief, role: 'executive' },
    ],
    emails: [
      { value: 'einkauf@nordlicht-hotels.example', label: 'work', primary: true },
      { value: 'rechnung@nordlicht-hotels.example', label: 'billing', primary: false },
    ],
    phones: [{ value: '+49 40 66969 100', label: 'work', primary: true }],
    addresses: [hamburg],
    website: 'https://www.nordlicht-hotels.example',
    language: 'de',
    currency: 'EUR',
    industry: 'services',
    employees: 1840,
    annualRevenue: { amount: '162000000.00', currency: 'EUR' },
    foundedYear: 1978,
    tags: ['key account', 'chain', 'won back'],
    description:
      'Forty-two hotels from Flensburg to Vienna. Breakfast decides their ratings; what counts for them is how quickly a machine runs again.',
  });
  const houses = (
    [
      ['Hotel Nordlicht Hafen', 'Hamburg'],
      ['Hotel Nordlicht Alster', 'Hamburg'],
      ['Hotel Nordlicht am Gendarmenmarkt', 'Berlin'],
      ['Hotel Nordlicht Weser', 'Bremen'],
      ['Hotel Nordlicht Augustusplatz', 'Leipzig'],
    ] as const
  ).map(([name, city]) =>
    t.add('party', months(34), {
      kind: 'organisation',
      name,
      roles: ['customer'],
      lifecycleStage: 'wonBack',
      owner,
      parent: id,
      emails: [
        {
          value: `${name
            .toLowerCase()
            .replace(/ü/g, 'ue')
            .replace(/[^a-z]+/g, '.')}@nordlicht-hotels.example`,
          label: 'work',
          primary: true,
        },
      ],
      addresses: [{ ...addressOf(t, place).address, city, region: null }],
      language: 'de',
      currency: 'EUR',
      industry: 'services',
    }),
  );
  const person = (given: string, family: string, jobTitle: string, since: number, until: number | null, phone: string) => {
    const made = t.add('party', since, {
      kind: 'person',
      name: `${given} ${family}`,
      personName: { prefix: null, given, middle: null, family, suffix: null },
      roles: ['customer'],
      owner,
      city: 'Hamburg',
      jobTitle,
      emails: [{ value: `${given}.${family}@nordlicht-hotels.example`.toLowerCase(), label: 'work', primary: true }],
      phones: [{ value: phone, label: 'work', primary: true }],
      country: 'DE',
      language: 'de',
    });
    t.add('relationship', since, {
      from: made,
      to: id,
      type: 'employedBy',
      since: t.day(since + 300),
      until: until === null ? null : t.day(until),
      comment: until === null ? null : 'Retired.',
    });
    return made;
  };
  person('Wolfgang', 'Reimers', 'Head of purchasing', months(35.6), months(12.5), '+49 40 66969 111');
  const brandt = person('Katharina', 'Brandt', 'Head of purchasing', months(12), null, '+49 40 66969 112');
  const petersen = person('Jens', 'Petersen', 'Technical manager', months(35), null, '+49 40 66969 130');
  person('Annika', 'Storm', 'Food and beverage director', months(9), null, '+49 40 66969 140');
  t.add('relationship', months(12), { from: petersen, to: brandt, type: 'reportsTo', since: t.day(months(12)) });

  const c: Customer = {
    id,
    name: 'Nordlicht Hotels AG',
    city: 'Hamburg',
    place,
    since: months(35.6),
    size: 3,
    owner,
    agent: lead,
    contacts: [],
    until: 0,
    orders: [],
    prospect: false,
    hurt: true,
  };
  const machines: Delivery[] = [];
  const deliver = (party: string, product: Product, back: number, count: number) => {
    for (let k = 0; k < count; k++) machines.push({ customer: null, party, place, product, back });
  };
  const touch = (
    back: number,
    channel: string,
    kind: string,
    subject: string,
    body: string,
    o: { effect?: number; outcome?: string; inbound?: boolean; purpose?: string; by?: string; minutes?: number; cost?: string } = {},
  ) =>
    t.add('interaction', back, {
      party: id,
      at: t.at(back),
      channel,
      direction: o.inbound ? 'inbound' : 'outbound',
      kind,
      purpose: o.purpose ?? 'sales',
      subject,
      body,
      agent: o.by ?? owner,
      duration: o.minutes ? o.minutes * 60 : null,
      cost: { amount: o.cost ?? (channel === 'visit' ? '210.00' : channel === 'phone' ? '6.50' : '2.10'), currency: 'EUR' },
      outcome: o.outcome ?? 'answered',
      satisfactionEffect: o.effect ?? null,
    });
  const note = (back: number, subject: string, body: string, pinned = false, author = owner) =>
    t.add('note', back, { subject, body: `<p>${body}</p>`, party: id, author, pinned });
  const serviceCase = (
    back: number,
    days: number,
    subject: string,
    description: string,
    solution: string,
    priority: string,
    stars: number | null,
  ) => {
    const openedAt = t.at(back);
    t.add(
      'case',
      back,
      {
        subject,
        customer: id,
        status: back - days >= 1 ? 'closed' : 'open',
        priority,
        owner: agent,
        channel: 'phone',
        product: pro.id,
        openedAt,
        closedAt: back - days >= 1 ? t.at(back - days, 17) : null,
        description,
        solution: back - days >= 1 ? solution : null,
        timeSpent: `PT${days * 90}M`,
        satisfaction: stars,
      },
      openedAt,
    );
  };

  // Won.
  touch(
    months(35.5),
    'visit',
    'meeting',
    'First visit in Hamburg',
    'Wolfgang Reimers showed us the breakfast room at the harbour: two machines, forty minutes of queue.',
    { minutes: 90, cost: '310.00' },
  );
  touch(
    months(34.9),
    'email',
    'message',
    'Offer for twelve houses',
    'Twelve Ardea Pro with grinders, delivery in two parts, prices fixed for a year.',
  );
  const first = t.deal(c, {
    name: 'Nordlicht: coffee for twelve hotels',
    opened: months(35.4),
    days: months(1.9),
    end: 'won',
    amount: 84_600,
    product: pro.id,
    source: 'Trade fair',
  });
  t.sale(c, months(33.5), 84_600, { opportunity: first, paidAfter: 28 });
  houses.forEach((house, i) => {
    deliver(house, pro, months(33.2) - i, 2);
  });
  touch(months(33), 'visit', 'visit', 'Training of the breakfast teams', 'Two days, five houses. The teams like the machines.', {
    purpose: 'service',
    by: lead,
    effect: 2,
    outcome: 'resolved',
    minutes: 480,
    cost: '640.00',
  });
  for (const [back, amount] of [
    [30, 4200],
    [27.5, 23_900],
    [25, 4650],
    [23.2, 3900],
  ] as const)
    t.sale(c, months(back), amount, { paidAfter: 29 });

  // Lost.
  serviceCase(
    months(25.6),
    6,
    'Machine at the harbour stands still',
    'No coffee for 180 guests at breakfast. The technician is announced for Thursday.',
    'Brewing group replaced after six days; the part had not been in stock.',
    'high',
    2,
  );
  serviceCase(
    months(24.1),
    9,
    'Two machines out of use in Berlin',
    'Both machines stopped on Saturday, nobody answered the service line at the weekend.',
    'Control boards replaced.',
    'urgent',
    1,
  );
  touch(
    months(24.1) - 1,
    'phone',
    'call',
    'Complaint: nobody reachable at the weekend',
    'Jens Petersen called four times. He has to tell his director why guests drink filter coffee.',
    { inbound: true, purpose: 'service', effect: -2, outcome: 'unresolved', by: agent, minutes: 14 },
  );
  serviceCase(
    months(22.4),
    11,
    'Leak in Bremen, third visit',
    'Third visit for the same leak. The carpet of the lobby is ruined.',
    'Boiler replaced, carpet paid by insurance.',
    'urgent',
    1,
  );
  touch(
    months(22),
    'email',
    'message',
    'Letter of Mr Reimers to the management',
    'He lists nine repairs with an average of 6.4 days and asks for a written guarantee of two days.',
    { inbound: true, purpose: 'service', effect: -2, outcome: 'unresolved' },
  );
  touch(months(21.6), 'visit', 'meeting', 'Talk with Mr Reimers', 'We could not promise two days. He was polite, and I think it is over.', {
    effect: -1,
    outcome: 'followUp',
    minutes: 75,
    cost: '260.00',
  });
  t.deal(c, {
    name: 'Nordlicht: renewal for thirty houses',
    opened: months(22.8),
    days: months(2.8),
    end: 'lost',
    reached: 2,
    amount: 212_000,
    product: pro.id,
    lostReason: 'Other maker guarantees repair within 24 hours',
    source: 'Existing customer',
    description: 'Price was never the question. They went where somebody comes the next day.',
  });
  touch(
    months(20),
    'phone',
    'call',
    'Nordlicht goes to another maker',
    'Mr Reimers called himself. Contract for three years, thirty houses. He thanked us for the training.',
    { inbound: true, effect: -2, outcome: 'answered', minutes: 8 },
  );
  note(
    months(19.8),
    'Why we lost Nordlicht',
    'Not the machine and not the price: the service. Six days on average, no weekends, one technician for the whole north. We will not win them back with a discount.',
    true,
    staff.chief,
  );

  // Kept in mind.
  touch(months(17), 'post', 'message', 'Card for the reopening in Leipzig', 'Written by hand, with a bag of the beans they liked.', {
    purpose: 'marketing',
    cost: '14.00',
  });
  note(
    months(15),
    'What we changed in service',
    'Second technician in Hamburg for two months now, spare parts for Pro in Berlin and Bremen, line open on Sundays. Average in the north is 1.3 days now. Something to tell Nordlicht.',
    false,
    lead,
  );
  touch(months(13.8), 'email', 'message', 'Introducing Ardea Go', 'The small one for offices: no answer.', {
    purpose: 'marketing',
    cost: '0.05',
  });
  touch(
    months(11.5),
    'phone',
    'call',
    'New head of purchasing',
    'Katharina Brandt has followed Mr Reimers. Friendly, direct: asks why the group left us and wants to hear our side.',
    { outcome: 'followUp', minutes: 22, effect: 1 },
  );
  touch(
    months(9),
    'visit',
    'meeting',
    'Coffee at the trade fair',
    'An hour at our stand with Ms Brandt and Ms Storm. The other maker comes the next day, but the coffee gets two stars. Showed them our repair times house by house.',
    { minutes: 60, cost: '95.00', effect: 1, outcome: 'followUp' },
  );
  note(
    months(8.9),
    'What Ms Brandt needs',
    'Repair within 24 hours in writing with a penalty, one invoice a month, and the breakfast rating. Their contract lets single houses try something else.',
  );
  const back = t.deal(c, {
    name: 'Nordlicht: coming back with twenty houses',
    opened: months(8.8),
    days: months(3.8),
    end: 'won',
    amount: 148_500,
    product: pro.id,
    source: 'Trade fair',
    description: 'Trial at the harbour first, then twenty houses, with Tarn Care and a guarantee of 24 hours.',
  });
  touch(
    months(7.4),
    'visit',
    'visit',
    'Trial begins at the harbour',
    'Two Ardea Pro for eight weeks next to the machines of the other maker.',
    { purpose: 'service', by: lead, minutes: 240, cost: '420.00' },
  );
  touch(
    months(6.2),
    'email',
    'message',
    'Half-time of the trial',
    'Breakfast rating at the harbour from 3.9 to 4.5. One fault, mended after four hours.',
    { inbound: true, effect: 2, outcome: 'resolved' },
  );
  touch(
    months(5.4),
    'visit',
    'meeting',
    'Negotiation in Hamburg',
    'Guarantee of 24 hours with a penalty of 200 euro a day, signed by us. Ms Brandt takes it to the board on Monday.',
    { minutes: 150, cost: '310.00', outcome: 'followUp', effect: 1 },
  );
  touch(
    months(5) - 1,
    'phone',
    'call',
    'They are back',
    'Ms Brandt: the board has agreed, twenty houses, delivery within six weeks. Told the whole service team.',
    { inbound: true, effect: 2, outcome: 'resolved', minutes: 11 },
  );
  t.sale(c, months(5), 148_500, { opportunity: back, paidAfter: 27 });
  houses.forEach((house, i) => {
    deliver(house, pro, months(4.6) - i, 4);
  });
  t.add('subscription', months(4.9), {
    name: 'Tarn Care 24 hours, twenty houses',
    party: id,
    product: named('Tarn Care').id,
    status: 'active',
    startsOn: t.day(months(4.9)),
    renewsOn: t.day(-43),
    amount: { amount: '3180.00', currency: 'EUR' },
    period: 'month',
  });
  note(
    months(4.9),
    'Why they came back',
    'Because we listed our own mistakes before they did, and because the trial showed it. The guarantee is the contract; if we break it they are gone for good.',
    true,
  );
  t.sale(c, months(3.1), 11_400, { paidAfter: 30 });
  serviceCase(
    months(2.6),
    1,
    'Grinder jammed in Leipzig',
    'Grinder blocked at six in the morning.',
    'On site at nine, running at half past nine.',
    'high',
    5,
  );
  touch(
    months(2.6) - 2,
    'email',
    'message',
    'Mr Petersen about Leipzig',
    'Three and a half hours. He wrote one line: “That is how I like it.”',
    { inbound: true, purpose: 'service', effect: 2, outcome: 'resolved', by: lead },
  );
  t.sale(c, 40, 6240, { paidAfter: null });
  t.sale(c, 5, 18_300);
  touch(
    12,
    'visit',
    'meeting',
    'Quarterly review',
    'Average repair time 11 hours, no penalty so far. Ms Storm asks about the two houses in Vienna.',
    { minutes: 120, cost: '310.00', effect: 1, outcome: 'followUp' },
  );
  touch(
    3,
    'phone',
    'call',
    'A price for Vienna',
    'Ms Brandt would like a price for Vienna and the date of delivery before the board meets.',
    { inbound: true, outcome: 'followUp', minutes: 17 },
  );
  t.deal(c, {
    name: 'Nordlicht: two houses in Vienna',
    opened: 12,
    days: 0,
    end: null,
    reached: 1,
    amount: 38_700,
    product: pro.id,
    nextStep: 'Offer with dates of delivery to Ms Brandt',
    closeIn: 24,
  });
  t.add('task', 3, {
    subject: 'Offer for Vienna with dates of delivery',
    kind: 'promise',
    status: 'open',
    priority: 'high',
    party: id,
    owner,
    dueOn: t.day(-2),
    description: 'Promised to Ms Brandt by telephone.',
  });
  t.add('task', 12, {
    subject: 'Tell Mr Petersen the names of the technicians in Vienna',
    kind: 'promise',
    status: 'open',
    priority: 'normal',
    party: id,
    owner: lead,
    dueOn: t.day(-6),
  });
  t.add('task', 20, {
    subject: 'Monthly call with Mr Petersen',
    kind: 'call',
    status: 'open',
    priority: 'normal',
    party: id,
    owner,
    dueOn: t.day(-1),
    reminder: 'onTime',
    repeats: 'FREQ=MONTHLY',
  });
  const meeting = (subject: string, back: number, place: string) =>
    t.add('meeting', Math.max(back, 0) + 4, {
      subject,
      status: back > 0 ? 'missed' : 'planned',
      party: id,
      owner,
      colleagues: [{ id: lead, role: 'accepted' }],
      start: t.at(back),
      place,
    });
  meeting('Walk through the two houses in Vienna', -3, 'Vienna, Praterstern');
  meeting('Offer for Vienna with Ms Brandt', -5, 'Hamburg');
  meeting('Coffee with the breakfast teams', -9, 'Hamburg, house at the harbour');
  meeting('Quarterly review with Mr Petersen', -17, 'Hamburg');
  meeting('Plan of maintenance for the year', -30, 'Hamburg');
  meeting('Quarterly review with Mr Petersen', 74, 'Hamburg');
  const fact = (text: string, kind: string, back: number, source: string) =>
    t.add('fact', back, { text, kind, party: id, source, author: owner, knownSince: t.day(back) });
  fact('A house without coffee at seven is a bad review at nine', 'need', months(9), 'Annika Storm at the trade fair');
  fact('Ms Brandt decides, the board only signs; it meets on the last Monday', 'politics', months(8), 'Katharina Brandt');
  fact('The guarantee of 24 hours is the contract: one more week without repair and they go', 'risk', months(5), 'Negotiation in Hamburg');
  fact('Mr Petersen wants the name and the mobile number of the technician, not a hotline', 'preference', months(4), 'Jens Petersen');
  return { id, machines };
}
