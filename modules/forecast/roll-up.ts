/** Figures of a forecast: null where nothing can be said. Amounts are in the base currency. */
export const FIGURES = [
  'quota',
  'won',
  'commit',
  'bestCase',
  'pipeline',
  'weighted',
  'statistical',
  'low',
  'high',
  'call',
  'deals',
] as const;
export type FigureKey = (typeof FIGURES)[number];
export type Figures = { [key in FigureKey]: number | null };

/** A call as it is told: who said it, and why. */
export interface Said {
  id: string;
  version: number;
  kind: 'submitted' | 'override';
  amount: number;
  note: string | null;
  by: string | null;
  at: string | null;
}

export interface ForecastRow {
  /** `user:…`, `team:…` or the value of the cut. */
  key: string;
  id: string | null;
  name: string | null;
  kind: 'user' | 'team' | 'product' | 'territory' | 'currency';
  parent: string | null;
  depth: number;
  figures: Figures;
  calls: Said[];
  /** Whether the reader may say what will come of this row. */
  mayCall: boolean;
  /** Quotas that this row's is the sum of lie below it. */
  quotaOf: 'own' | 'below' | null;
}

export const NONE: Figures = Object.fromEntries(FIGURES.map((key) => [key, null])) as Figures;

const plus = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : a + b);

/** Figures added up; the spread of independent parts adds by its squares, not by itself. */
export function sumOf(list: readonly Figures[]): Figures {
  const sum = { ...NONE };
  for (const key of FIGURES) if (key !== 'low' && key !== 'high') for (const one of list) sum[key] = plus(sum[key], one[key]);
  const off = (bound: 'low' | 'high') =>
    Math.sqrt(list.reduce((all, one) => all + ((one[bound] ?? one.statistical ?? 0) - (one.statistical ?? 0)) ** 2, 0));
  if (sum.statistical === null) return sum;
  return { ...sum, low: Math.max(sum.won ?? 0, sum.statistical - off('low')), high: sum.statistical + off('high') };
}

export interface Team {
  id: string;
  name: string;
  parent: string | null;
}

/**
 * Rows of users under their teams, teams under theirs, each with the sum of what lies below it. A quota or a call of a team's own
 * takes the place of the sum. Teams in which nothing is told are left out; users without a team, and deals without an owner, stand at
 * the end. Pure.
 */
export function underTeams(
  users: readonly (ForecastRow & { team: string | null })[],
  teams: readonly Team[],
  ownOf: (team: string) => Pick<ForecastRow, 'calls' | 'mayCall'> & { quota: number | null; call: number | null },
): ForecastRow[] {
  const known = new Map(teams.map((team) => [team.id, team]));
  const below = (parent: string | null) =>
    teams.filter((team) => (team.parent !== null && known.has(team.parent) ? team.parent : null) === parent).sort(byName);
  const shown = (team: Team, depth: number, parent: string | null, above: ReadonlySet<string>): ForecastRow[] => {
    if (above.has(team.id)) return [];
    const path = new Set([...above, team.id]);
    const key = `team:${team.id}`;
    const parts = below(team.id).map((child) => shown(child, depth + 1, key, path));
    const members = users
      .filter((row) => row.team === team.id)
      .sort(byName)
      .map(({ team: _, ...row }) => ({ ...row, parent: key, depth: depth + 1 }));
    const own = ownOf(team.id);
    if (parts.flat().length + members.length === 0 && own.quota === null && own.call === null) return [];
    const sum = sumOf([...parts.flatMap((part) => part[0]?.figures ?? []), ...members.map(({ figures }) => figures)]);
    const row: ForecastRow = {
      key,
      id: team.id,
      name: team.name,
      kind: 'team',
      parent,
      depth,
      figures: { ...sum, quota: own.quota ?? sum.quota, call: own.call ?? sum.call },
      calls: own.calls,
      mayCall: own.mayCall,
      quotaOf: own.quota !== null ? 'own' : sum.quota !== null ? 'below' : null,
    };
    return [row, ...parts.flat(), ...members];
  };
  const alone = users.filter(({ team }) => team === null || !known.has(team)).sort(byName);
  return [
    ...below(null).flatMap((team) => shown(team, 0, null, new Set())),
    ...alone.map(({ team: _, ...row }) => ({ ...row, parent: null, depth: 0 })),
  ];
}

const byName = (a: { name: string | null }, b: { name: string | null }): number =>
  a.name === null ? 1 : b.name === null ? -1 : a.name.localeCompare(b.name);
