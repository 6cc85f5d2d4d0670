import { describe, expect, it } from 'vitest';
import { asMoved, type Entry, entriesOf, moveBody, offHours, type Team } from './team.ts';

const named = (id: string) => ({ id, name: id.toUpperCase() });
const made = { createdAt: '2030-01-01T00:00:00.000Z', updatedAt: '2030-01-01T00:00:00.000Z' };
const meeting = {
  ...made,
  id: 'm',
  version: 1,
  subject: 'Stand-up',
  start: '2030-01-14T08:00:00.000Z',
  end: '2030-01-14T09:00:00.000Z',
  owner: named('ada'),
  colleagues: [
    { ...named('bo'), role: 'accepted' },
    { ...named('cy'), role: 'declined' },
  ],
  status: 'planned',
};
const team: Team = {
  people: ['ada', 'bo', 'cy'].map((id) => ({ ...named(id), works: [] })),
  timeZone: 'UTC',
  meetings: [meeting],
  tasks: [{ ...made, id: 't', version: 1, subject: 'Call', dueAt: '2030-01-14T07:00:00.000Z', owner: named('cy'), status: 'done' }],
  busy: [{ person: 'cy', start: '2030-01-14T10:00:00.000Z', end: '2030-01-14T11:00:00.000Z', allDay: false }],
  events: [
    { calendar: 'Home', title: 'Dentist', start: '2030-01-14T12:00:00.000Z', end: '2030-01-14T13:00:00.000Z', allDay: false, busy: true },
  ],
  more: false,
};
const entries = entriesOf(team, 'ada');
const entry = (key: string): Entry => entries.find((one) => one.key === key) as Entry;

describe('what stands side by side', () => {
  it('stands with everybody whose time it takes, and with nobody who declined', () => {
    expect(entries.map(({ kind, person, title }) => [kind, person, title])).toEqual([
      ['task', 'cy', 'Call'],
      ['meeting', 'ada', 'Stand-up'],
      ['meeting', 'bo', 'Stand-up'],
      ['busy', 'cy', null],
      ['event', 'ada', 'Dentist'],
    ]);
  });
  it('is moved in time, to another, or both, and never what nobody may know', () => {
    expect(moveBody(entry('m ada'), { start: '2030-01-15T08:00:00.000Z' })).toEqual({ start: '2030-01-15T08:00:00.000Z' });
    expect(moveBody(entry('m ada'), { person: 'ada' })).toBeNull();
    // From the owner to somebody who takes part already: they are asked once.
    expect(moveBody(entry('m ada'), { person: 'bo' })).toEqual({ owner: 'bo', colleagues: [{ id: 'cy', role: 'declined' }] });
    expect(moveBody(entry('m bo'), { person: 'cy' })).toEqual({ colleagues: [{ id: 'cy', role: 'invited' }] });
    expect(moveBody(entry('m bo'), { person: 'ada' })).toBeNull();
    expect(moveBody(entry('m ada'), { days: { from: '2030-01-15', to: '2030-01-15' } })).toEqual({
      allDay: true,
      startsOn: '2030-01-15',
      endsOn: '2030-01-15',
    });
    expect(moveBody(entry('t cy'), { start: '2030-01-15T08:00:00.000Z', person: 'bo' })).toEqual({
      dueAt: '2030-01-15T08:00:00.000Z',
      owner: 'bo',
    });
    expect(moveBody(entry('t cy'), { days: { from: '2030-01-15', to: '2030-01-15' } })).toBeNull();
    for (const one of entries.filter(({ kind }) => kind === 'busy' || kind === 'event')) expect(moveBody(one, { person: 'bo' })).toBeNull();
  });
  it('is shown where it goes before the server answers, as long as it was', () => {
    const moved = entriesOf(asMoved(team, entry('m ada'), { start: '2030-01-14T20:00:00.000Z', owner: 'bo', colleagues: [] }), 'ada');
    expect(moved.filter(({ kind }) => kind === 'meeting')).toMatchObject([
      { person: 'bo', start: '2030-01-14T20:00:00.000Z', end: '2030-01-14T21:00:00.000Z' },
    ]);
  });
  it('has its times off around the hours of work', () => {
    expect(
      offHours(
        [
          { start: '2', end: '3' },
          { start: '4', end: '6' },
        ],
        '1',
        '5',
      ),
    ).toEqual([
      { start: '1', end: '2' },
      { start: '3', end: '4' },
    ]);
    expect(offHours([], '1', '5')).toEqual([{ start: '1', end: '5' }]);
  });
});
