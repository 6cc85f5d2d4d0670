/** Who is at which record, as far as notifications told: kept in memory, gone by itself. */

export type PresenceState = 'viewing' | 'editing';

/** A sign of life of one tab; what one server tells the others. */
export interface PresenceSign {
  object: string;
  id: string;
  /** One tab of the user: a second one that closes does not take the first away. */
  tab: string;
  user: string;
  name: string;
  state: PresenceState | 'left';
}

export interface Here {
  id: string;
  name: string;
  state: PresenceState;
}

/** Without renewal somebody is gone after this time. */
export const PRESENCE_MS = 45_000;

interface Tab {
  user: string;
  name: string;
  state: PresenceState;
  until: number;
}

const placeOf = (object: string, id: string): string => `${object} ${id}`;

/** Records with somebody at them. Times are in milliseconds, handed in. */
export class Presence {
  private readonly places = new Map<string, Map<string, Tab>>();

  get isEmpty(): boolean {
    return this.places.size === 0;
  }

  /** Takes a sign in; says whether the others at the record see any difference. */
  take(sign: PresenceSign, now: number): boolean {
    const place = placeOf(sign.object, sign.id);
    const before = JSON.stringify(this.at(sign.object, sign.id));
    const tabs = this.places.get(place) ?? new Map<string, Tab>();
    const key = `${sign.user} ${sign.tab}`;
    if (sign.state === 'left') tabs.delete(key);
    else tabs.set(key, { user: sign.user, name: sign.name, state: sign.state, until: now + PRESENCE_MS });
    if (tabs.size > 0) this.places.set(place, tabs);
    else this.places.delete(place);
    return JSON.stringify(this.at(sign.object, sign.id)) !== before;
  }

  /** Who is at a record, each user once, in the order of their coming. */
  at(object: string, id: string): Here[] {
    const users = new Map<string, Here>();
    for (const tab of this.places.get(placeOf(object, id))?.values() ?? []) {
      const held = users.get(tab.user);
      if (!held || tab.state === 'editing') users.set(tab.user, { id: tab.user, name: tab.name, state: tab.state });
    }
    return [...users.values()];
  }

  /** Forgets whose time is over; gives the records whose visitors changed by it. */
  expire(now: number): { object: string; id: string }[] {
    const changed: { object: string; id: string }[] = [];
    for (const [place, tabs] of this.places) {
      const size = tabs.size;
      for (const [key, tab] of tabs) if (tab.until <= now) tabs.delete(key);
      if (tabs.size === size) continue;
      if (tabs.size === 0) this.places.delete(place);
      const [object = '', id = ''] = place.split(' ');
      changed.push({ object, id });
    }
    return changed;
  }
}
