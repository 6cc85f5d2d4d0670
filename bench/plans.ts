import pg from 'pg';

/**
 * The plans of what the product itself asks: `auto_explain`, which the embedded PostgreSQL brings, writes them into the
 * database's log, and they are read back from there. The product is not touched and knows nothing of it. The library must
 * be there when a session begins, so it is asked for before the product starts; it stays silent (and out of the figures)
 * until a plan is wanted.
 */
export interface ProductPlans {
  /** The plans of the statements that `ask` makes the product run, as text; it is asked several times, told which. */
  of(ask: (turn: number) => Promise<unknown>): Promise<string[]>;
}

const SETTINGS: Readonly<Record<string, string>> = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_buffers': 'on',
  // The values of a statement are people's data and do not belong in a log.
  'auto_explain.log_parameter_max_length': '0',
  'auto_explain.log_min_duration': '-1',
};
/** What the product does by the clock may fall into a request; what runs in each of several does not. */
const REPEATS = 3;

async function administered<T>(url: string, work: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: url });
  admin.on('error', () => undefined);
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
}

/** Has every session that begins from now on load `auto_explain`; in force after the product's next start. */
export const loadAutoExplain = (url: string): Promise<void> =>
  administered(url, async (admin) => {
    await admin.query(`load 'auto_explain'`);
    for (const [name, value] of Object.entries(SETTINGS)) await admin.query(`alter system set ${name} = '${value}'`);
    await admin.query('select pg_reload_conf()');
  });

/** Leaves the base as it was. */
export const unloadAutoExplain = (url: string): Promise<void> =>
  administered(url, async (admin) => {
    for (const name of Object.keys(SETTINGS)) await admin.query(`alter system reset ${name}`);
    await admin.query('select pg_reload_conf()');
  });

export function productPlans(url: string): ProductPlans {
  return {
    of: (ask) =>
      administered(url, async (admin) => {
        const logged = async (from: number | null): Promise<{ size: number; text: string }> => {
          const {
            rows: [row],
          } = await admin.query<{ size: number; text: string }>(
            `select size::int, case when $1::bigint is null then '' else pg_read_file(pg_current_logfile(), $1, greatest(size - $1, 0)) end as text from pg_stat_file(pg_current_logfile())`,
            [from],
          );
          return row ?? { size: 0, text: '' };
        };
        const say = async (limit: number) => {
          await admin.query(`alter system set auto_explain.log_min_duration = ${limit}`);
          await admin.query('select pg_reload_conf()');
          await settled();
        };
        await say(0);
        const turns: Map<string, string>[] = [];
        try {
          for (let i = 0; i < REPEATS; i++) {
            const { size } = await logged(null);
            await ask(i);
            await settled();
            turns.push(plansIn((await logged(size)).text));
          }
        } finally {
          await say(-1);
        }
        const last = turns.at(-1) ?? new Map<string, string>();
        return [...last].filter(([text]) => turns.every((turn) => turn.has(text))).map(([, plan]) => plan);
      }),
  };
}

/** The log is written by a process of its own, and settings reach a session with its next message. */
const settled = () => new Promise((done) => setTimeout(done, 150));

/** The plans in a piece of the log, by the text of their statement. */
export function plansIn(log: string): Map<string, string> {
  const found = new Map<string, string>();
  // An entry begins with its time; its further lines are indented by a tab.
  for (const entry of log.split(/\n(?!\t)/)) {
    const match = /\] perigon\S* LOG: +duration: ([\d.]+) ms +plan:\n\tQuery Text: ([\s\S]*)$/.exec(entry);
    if (!match) continue;
    const lines = (match[2] ?? '').split('\n').map((line) => line.replace(/^\t/, ''));
    // Where the statement ends and its plan begins: at the first line that says what it cost.
    const at = lines.findIndex((line) => /\(cost=[\d.]+\.\.[\d.]+ rows=\d+ width=\d+\)/.test(line));
    const text = lines.slice(0, at).join('\n');
    found.set(text, [`${text.replace(/\s+/g, ' ').slice(0, 160)}…`, ...lines.slice(at), `Execution Time: ${match[1]} ms`].join('\n'));
  }
  return found;
}
