import { type Entry, objectOf, withCatalogue, wordsOf } from '#engine/declare/catalogue.ts';
import { conditionFaults } from '#engine/declare/local-condition.ts';
import { measureFaults } from '#engine/declare/measure-faults.ts';
import { buildModel, type Fault, type Model, ModelFaults } from '#engine/declare/model.ts';
import type { ModuleDeclaration } from '#engine/declare/module.ts';
import { rollUpsOf } from '#engine/declare/roll-ups.ts';
import { type Db, isDatabaseAway, type Queryable } from '#engine/store/db.ts';

/** How often a server looks whether another one published a newer catalogue. */
const POLL_MS = 1_000;

/** What a company declared, as it stands in the base. */
export interface Catalogue {
  version: number;
  entries: readonly Entry[];
}

/** Reads the company's catalogue as of one moment. */
export async function readCatalogue(q: Queryable): Promise<Catalogue> {
  const [row] = await q.query<{ version: number; entries: Entry[] | null }>(
    `select (select coalesce(max(version), 0) from catalogue_changes) as version, (select json_agg(c.entry order by c.made, c.ordinal) from catalogue c) as entries`,
  );
  return { version: row?.version ?? 0, entries: row?.entries ?? [] };
}

/** The model of code and catalogue together; throws `ModelFaults` with every fault of both. */
export function modelOf(modules: readonly ModuleDeclaration[], catalogue: Catalogue): Model {
  const model = buildModel(withCatalogue(modules, catalogue.entries), { version: catalogue.version, words: wordsOf(catalogue.entries) });
  const faults = [...conditionFaults(model), ...measureFaults(model)];
  if (faults.length > 0) throw new ModelFaults(faults);
  rollUpsOf(model);
  return model;
}

/**
 * The model that runs. A `Model` never changes; what this holds is exchanged for a newer one when the catalogue moves, here or on
 * another server. A request or a job keeps the one it began with, whatever follows the log asks for the newest.
 */
export class ModelSource {
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<boolean> | null = null;
  private readonly listeners: ((model: Model) => void)[] = [];

  private constructor(
    private readonly db: Db,
    readonly modules: readonly ModuleDeclaration[],
    private readonly log: (message: string, error?: unknown) => void,
    private held: Model,
    /** What of the catalogue does not hold together with this version of the code, and therefore rests. */
    private resting: readonly Fault[],
  ) {}

  static async open(db: Db, modules: readonly ModuleDeclaration[], log: (message: string, error?: unknown) => void): Promise<ModelSource> {
    const { model, faults } = tolerant(modules, await readCatalogue(db));
    for (const fault of faults) log(`The catalogue does not hold together here: ${fault.text}`);
    return new ModelSource(db, modules, log, model, faults);
  }

  get current(): Model {
    return this.held;
  }
  get faults(): readonly Fault[] {
    return this.resting;
  }

  /** Told after each exchange. */
  onMoved(listener: (model: Model) => void): void {
    this.listeners.push(listener);
  }

  /** The newest model: looks whether the catalogue moved on, and takes it in. */
  async newest(): Promise<Model> {
    await this.refresh();
    return this.held;
  }

  /** Takes a newer catalogue in; whether there was one. Callers at the same time share one look that began after their call. */
  async refresh(): Promise<boolean> {
    if (this.looking) await this.looking.catch(() => false);
    this.looking ??= this.look().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private async look(): Promise<boolean> {
    const [row] = await this.db.keyed<{ version: number }>('select coalesce(max(version), 0) as version from catalogue_changes');
    if ((row?.version ?? 0) <= this.held.version) return false;
    // Whoever asks may hold a connection for writing: with another one of those, as many askers as there are would wait for each other.
    const { model, faults } = tolerant(this.modules, await readCatalogue({ query: this.db.keyed }));
    for (const fault of faults) this.log(`The catalogue does not hold together here: ${fault.text}`);
    this.held = model;
    this.resting = faults;
    for (const listener of this.listeners) listener(model);
    return true;
  }

  /** Looks every second from here on: what a lost word from another server is mended by. */
  follow(): void {
    this.timer = setInterval(() => {
      this.refresh().catch((error: unknown) => {
        if (!isDatabaseAway(error)) this.log('The catalogue could not be read', error);
      });
    }, POLL_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.looking?.catch(() => undefined);
  }
}

/**
 * The model, also where entries do not hold together with the code that runs (a module that is gone, another version beside this
 * one): those rest until they do, and the server is there for everything else. Faults of the code itself are thrown.
 */
function tolerant(modules: readonly ModuleDeclaration[], catalogue: Catalogue): { model: Model; faults: Fault[] } {
  const faults: Fault[] = [];
  let { entries } = catalogue;
  for (;;) {
    try {
      return { model: modelOf(modules, { ...catalogue, entries }), faults };
    } catch (error) {
      if (!(error instanceof ModelFaults) || entries.length === 0) throw error;
      faults.push(...error.faults);
      const kept = entries.filter((entry) => !error.faults.some((fault) => isAt(fault, entry)));
      // A fault that no entry stands at: without the catalogue either the code holds together or the fault is its own.
      entries = kept.length < entries.length ? kept : [];
    }
  }
}

/** Whether an entry is what a fault is about; one of a whole object is about its layout and its own declaration. */
function isAt(fault: Fault, entry: Entry): boolean {
  if (objectOf(entry) !== fault.object) return false;
  if (fault.field === undefined) return entry.kind === 'layout' || entry.kind === 'object';
  return (entry.kind === 'field' && entry.key === fault.field) || (entry.kind === 'adjustment' && entry.field === fault.field);
}
