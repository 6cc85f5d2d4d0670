import { honeypotHtml } from '#engine/access/public-guard.ts';
import { escapeHtml as e } from '#kit/html.ts';
import type { Booking, BookingPage } from '#modules/activities/index.ts';

/** What guests see of a booking page, as HTML. Pure: words, times and the zone they are told in are handed in. */

export interface Told {
  say(key: string, values?: Record<string, string>): string;
  language: string;
  /** How times and days are written, such as `en-GB`. */
  locale: string;
  /** On whose clocks times are told. */
  zone: string;
}

const time = (told: Told, at: number): string =>
  new Intl.DateTimeFormat(told.locale, { timeZone: told.zone, hour: '2-digit', minute: '2-digit' }).format(at);
const day = (told: Told, at: number): string =>
  new Intl.DateTimeFormat(told.locale, { timeZone: told.zone, weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(at);
/** A moment with its day, and with what the clock of the zone is called, for an hour that comes twice. */
const moment = (told: Told, at: number): string =>
  new Intl.DateTimeFormat(told.locale, {
    timeZone: told.zone,
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).format(at);

function minutes(told: Told, length: number): string {
  return new Intl.NumberFormat(told.locale, { style: 'unit', unit: 'minute', unitDisplay: 'long' }).format(length);
}

/** Where it is, as text; an address of a video room is told once it is booked. */
const where = (told: Told, page: BookingPage): string => page.place ?? (page.link ? told.say('video') : '');

function head(told: Told, page: BookingPage): string {
  const about = [minutes(told, page.length), page.hosts.map(({ name }) => name).join(', '), where(told, page)].filter(Boolean).join(' · ');
  return `<h1>${e(page.title)}</h1><p class="s">${e(about)}</p>${page.intro ? `<p class="lines">${e(page.intro)}</p>` : ''}`;
}

/** The choice of a zone, which keeps what else the address says. */
function zoneForm(told: Told, action: string, more: Record<string, string>): string {
  const zones = new Set([told.zone, 'UTC', ...Intl.supportedValuesOf('timeZone')]);
  const options = [...zones]
    .sort()
    .map((zone) => `<option value="${e(zone)}"${zone === told.zone ? ' selected' : ''}>${e(zone.replaceAll('_', ' '))}</option>`)
    .join('');
  const kept = Object.entries(more)
    .map(([name, value]) => `<input type="hidden" name="${e(name)}" value="${e(value)}">`)
    .join('');
  return `<form class="inline" method="get" action="${e(action)}"><div><label for="zone">${e(told.say('zone'))}</label><select id="zone" name="zone">${options}</select></div>${kept}<button>${e(told.say('show'))}</button></form>`;
}

/** Sets the zone of the browser where none was chosen, and shows times as soon as another is. */
export const ZONE_SCRIPT = `(function(){var q=new URLSearchParams(location.search),s=document.getElementById('zone');if(!s)return;if(!q.has('zone')){try{var z=Intl.DateTimeFormat().resolvedOptions().timeZone;if(z&&z!==s.value&&[].some.call(s.options,function(o){return o.value===z})){q.set('zone',z);location.replace(location.pathname+'?'+q)}}catch(x){}}s.addEventListener('change',function(){s.form.submit()})})()`;

export interface Choice {
  /** The address that the choice leads on, and what it says besides. */
  path: string;
  more: Record<string, string>;
  slots: readonly number[];
  earlier: string | null;
  later: string | null;
}

const queryOf = (values: Record<string, string>): string => `?${new URLSearchParams(values)}`;

function slotLists(told: Told, { path, more, slots }: Pick<Choice, 'path' | 'more' | 'slots'>): string {
  const days = new Map<string, number[]>();
  for (const at of slots) days.set(day(told, at), [...(days.get(day(told, at)) ?? []), at]);
  return [...days]
    .map(([name, times]) => {
      // The hour that comes twice says which one it is.
      const words = times.map((at) => time(told, at));
      const items = times.map((at, i) => {
        const twice = words.filter((word) => word === words[i]).length > 1;
        const word = twice ? `${words[i]} ${zoneName(told, at)}` : (words[i] ?? '');
        const link = `${path}${queryOf({ ...more, zone: told.zone, start: new Date(at).toISOString() })}`;
        return `<li><a class="slot" href="${e(link)}" aria-label="${e(`${name}, ${word}`)}">${e(word)}</a></li>`;
      });
      return `<h2>${e(name)}</h2><ul class="row">${items.join('')}</ul>`;
    })
    .join('');
}
const zoneName = (told: Told, at: number): string =>
  new Intl.DateTimeFormat(told.locale, { timeZone: told.zone, timeZoneName: 'short' })
    .formatToParts(at)
    .find(({ type }) => type === 'timeZoneName')?.value ?? '';

/** Days and times to choose from. */
export function choosePage(told: Told, page: BookingPage, choice: Choice, note = ''): string {
  const { path, more, earlier, later } = choice;
  const turn = (from: string | null, word: string): string =>
    from === null ? '' : `<a href="${e(`${path}${queryOf({ ...more, zone: told.zone, from })}`)}">${e(told.say(word))}</a>`;
  const times = choice.slots.length > 0 ? slotLists(told, choice) : `<p>${e(told.say('none'))}</p>`;
  return `${head(told, page)}${note}${zoneForm(told, path, more)}${times}<nav>${turn(earlier, 'earlier')}${turn(later, 'later')}</nav>`;
}

export const noteHtml = (text: string, bad = false): string =>
  `<p class="note${bad ? ' bad' : ''}" role="${bad ? 'alert' : 'status'}">${e(text)}</p>`;

export interface Filled {
  values: ReadonlyMap<string, string>;
  /** What is wrong, by field, in the guest's words. */
  errors: ReadonlyMap<string, string>;
}

/** Name, address and questions for a time that was chosen. */
export function formPage(told: Told, page: BookingPage, o: { start: number; token: string; filled: Filled; note?: string }): string {
  const { values, errors } = o.filled;
  const field = (name: string, word: string, required: boolean, input: (more: string) => string): string => {
    const wrong = errors.get(name);
    const more = `id="f-${name}" name="${name}"${required ? ' required' : ''}${wrong ? ` aria-invalid="true" aria-describedby="w-${name}"` : ''}`;
    return `<div class="field"><label for="f-${name}">${e(word)}${required ? '' : ` <span class="s">${e(told.say('optional'))}</span>`}</label>${input(more)}${wrong ? `<p class="wrong" id="w-${name}">${e(wrong)}</p>` : ''}</div>`;
  };
  const value = (name: string): string => e(values.get(name) ?? '');
  const questions = page.questions
    .map(({ text, required }, i) =>
      field(`answer${i}`, text, required, (more) => `<textarea ${more} rows="2" maxlength="2000">${value(`answer${i}`)}</textarea>`),
    )
    .join('');
  return `${head(told, page)}${o.note ?? ''}<p><strong>${e(moment(told, o.start))}</strong> · <a href="/b/${e(page.slug)}${e(queryOf({ zone: told.zone }))}">${e(told.say('other'))}</a></p>
<form method="post" action="/b/${e(page.slug)}" novalidate><input type="hidden" name="start" value="${e(new Date(o.start).toISOString())}"><input type="hidden" name="zone" value="${e(told.zone)}"><input type="hidden" name="token" value="${e(o.token)}">
${field('name', told.say('name'), true, (more) => `<input ${more} autocomplete="name" maxlength="200" value="${value('name')}">`)}
${field('email', told.say('email'), true, (more) => `<input ${more} type="email" autocomplete="email" maxlength="256" value="${value('email')}">`)}
${questions}${honeypotHtml}<button class="main">${e(told.say('book'))}</button></form>`;
}

/** What was booked, and what can still be done about it. */
export function bookedPage(told: Told, booking: Booking, o: { path: string; token: string; open: boolean; note: string }): string {
  const line = (word: string, html: string): string => (html === '' ? '' : `<dt>${e(told.say(word))}</dt><dd>${html}</dd>`);
  const link = booking.link && booking.status === 'planned' ? `<a href="${e(booking.link)}" rel="noreferrer">${e(booking.link)}</a>` : '';
  const acts = o.open
    ? `<div class="acts"><a class="slot" href="${e(o.path)}/calendar">${e(told.say('calendar'))}</a><a class="slot" href="${e(o.path)}${e(queryOf({ move: '1', zone: told.zone }))}">${e(told.say('move'))}</a>
<form method="post" action="${e(o.path)}"><input type="hidden" name="act" value="cancel"><input type="hidden" name="zone" value="${e(told.zone)}"><input type="hidden" name="token" value="${e(o.token)}">${honeypotHtml}<button>${e(told.say('cancel'))}</button></form></div><p class="s">${e(told.say('keep'))}</p>`
    : '';
  return `<h1>${e(booking.title)}</h1>${o.note}<dl>${line('when', `${e(moment(told, Date.parse(booking.start)))} – ${e(time(told, Date.parse(booking.end)))}`)}${line('with', e(booking.host))}${line('place', e(booking.place ?? ''))}${line('link', link)}</dl>${acts}`;
}

/** Whether a booking is to be moved to a time that was chosen. */
export function movePage(told: Told, page: BookingPage, o: { path: string; start: number; token: string }): string {
  return `${head(told, page)}<p>${e(told.say('moveTo'))} <strong>${e(moment(told, o.start))}</strong></p>
<form method="post" action="${e(o.path)}"><input type="hidden" name="act" value="move"><input type="hidden" name="start" value="${e(new Date(o.start).toISOString())}"><input type="hidden" name="zone" value="${e(told.zone)}"><input type="hidden" name="token" value="${e(o.token)}">${honeypotHtml}<button class="main">${e(told.say('moveAct'))}</button></form>
<nav><a href="${e(o.path)}${e(queryOf({ move: '1', zone: told.zone }))}">${e(told.say('other'))}</a><a href="${e(o.path)}">${e(told.say('stay'))}</a></nav>`;
}
