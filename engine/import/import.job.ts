import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { ModelObject } from '#engine/declare/object.ts';
import type { Context } from '#engine/record/context.ts';
import { identifiersOf } from '#engine/record/rows.ts';
import { readAhead } from '#engine/record/values.ts';
import { rowFault, writeIn } from '#engine/record/write.ts';
import { isPassing, type Queryable, type Tx } from '#engine/store/db.ts';
import { refreshStatistics } from '#engine/store/statistics.ts';
import { isPerigonError, notFound, type PerigonError } from '#kit/errors.ts';
import type { Json, JsonObject } from '#kit/json.ts';
import { csvLine, type FileRow } from './csv-rows.ts';
import { type ImportOptions, type ImportState, type LikelyRow, newState, SHOWN_LIKES, SHOWN_PROBLEMS } from './import-state.ts';
import { findRecords, lookupKey } from './lookup.ts';
import { readRows } from './reader.ts';
import { type Deferred, describe, type ResolvedOp, resolveChunk, type SeenRows } from './resolve.ts';
import { planRows, type RowDraft, type RowPlan, type RowProblem, readRow } from './rows.ts';
import { SideFile } from './side-file.ts';

/** What a job runner gives its handlers; the runner itself stands on the same floor and is not known here. */
export interface ImportRun {
  job: { payload: JsonObject };
  ctx: Context;
  dataFolder: string;
  save(tx: Queryable | null, o: { progress?: JsonObject; done?: number; total?: number }): Promise<void>;
  cancelled(): boolean;
  /** For each of some new records the one already there that it is likely the same as; identity stands on the same floor and is not known here. */
  nearest?(
    ctx: Context,
    object: ModelObject,
    list: readonly Readonly<Record<string, unknown>>[],
  ): Promise<({ id: string; name: string | null; likelihood: number } | null)[]>;
  /** For each of some new records, by what somebody is known in it, whether such a one was erased. */
  erased?(ctx: Context, list: readonly (readonly { kind: string; value: string }[])[]): Promise<boolean[]>;
}

/** Runs an import from where it stands; see `Importer`. */
export const importJob = async (run: ImportRun): Promise<JsonObject> => {
  const id = String(run.job.payload.import);
  const [row] = await run.ctx.db.query<{ options: ImportOptions; state: ImportState | Record<string, never> }>(
    'select options, state from imports where id = $1::uuid',
    [id],
  );
  if (!row) throw notFound('The import is gone.');
  // A trial keeps nothing, so it begins again.
  const begun = newState(row.options.staged);
  const state = 'phase' in row.state && !row.options.dryRun ? { ...begun, ...(row.state as ImportState) } : begun;
  const importer = new Importer(run, id, row.options, state);
  return importer.run();
};

/** Most rows of one transaction, and how long one should take. */
const MOST = 2000;
const AIM_MS = 600;

/** New rows of a trial that are compared with the records already there: enough to know, soon enough to wait for. */
const COMPARED = 1000;

class DryRun extends Error {}

interface Outcome {
  created: number;
  updated: number;
  skipped: number;
  failed: number;
  problems: RowProblem[];
  /** Rows for the error file. */
  errorRows: Set<RowDraft>;
  deferred: Deferred[];
  compared: number;
  likes: LikelyRow[];
  /** Numbers of rows that bring back who was erased. */
  erased: number[];
}

/**
 * One import under way. Rows go in chunks of at most 5,000 or about half a second; while PostgreSQL writes one, the next is
 * read and mapped. Position and counters are saved in the transaction of the rows they count, so an import that was broken
 * off goes on there. A chunk that one row spoils is halved until that row stands alone.
 */
class Importer {
  private readonly ctx: Context;
  private readonly object: ModelObject;
  private readonly plan: RowPlan;
  private readonly errors: SideFile;
  private readonly open: SideFile;
  private readonly seen: Map<string, number> | null;
  private later = new Map<string, Set<string>>();
  private size = 1000;
  /** Reads the next rows; called while the database is busy with these. */
  private readAhead: () => void = () => undefined;
  private analyzeAt = 500;
  private refreshing: Promise<void> = Promise.resolve();

  constructor(
    private readonly job: ImportRun,
    private readonly id: string,
    private readonly o: ImportOptions,
    private state: ImportState,
  ) {
    this.ctx = job.ctx;
    this.object = this.ctx.model.object(o.object);
    this.plan = planRows(this.ctx.model, o.mapping, o.columns, this.ctx.env);
    this.errors = new SideFile(errorFile(job.dataFolder, id), state.errorBytes);
    this.open = new SideFile(join(job.dataFolder, 'imports', `${id}.open.ndjson`), state.deferredBytes);
    this.seen = o.dryRun ? new Map() : null;
  }

  async run(): Promise<JsonObject> {
    try {
      if (this.state.phase === 'rows') {
        await this.findLater();
        if (!(await this.rows())) return this.result(true);
        await this.keep(null, { ...this.state, phase: this.state.deferredBytes > 0 && !this.o.dryRun ? 'references' : 'done' });
      }
      if (this.state.phase === 'references' && !(await this.references())) return this.result(true);
      // Undo reads the log and mending reads the error file: the rows themselves are needed no more.
      await Promise.all([this.file(), this.open.path].map((path) => rm(path, { force: true })));
      return this.result(false);
    } finally {
      await this.refreshing;
      await this.errors.close();
      await this.open.close();
    }
  }

  private result(unfinished: boolean): JsonObject {
    const { created, updated, skipped, failed } = this.state;
    return { created, updated, skipped, failed, cause: this.ctx.cause.id, ...(unfinished ? { unfinished } : {}) };
  }

  private file(): string {
    return join(this.job.dataFolder, this.o.staged.path);
  }

  /** Where rows refer to others of the same file: the names that the file will have given once it is read. */
  private async findLater(): Promise<void> {
    const selves = this.plan.refs.filter((ref) => ref.object === this.object);
    if (selves.length === 0) return;
    const wanted = selves.map((ref) => ({
      ref,
      key: ref.by === 'externalId' ? 'externalIds' : ref.by === 'name' ? this.object.title : ref.by,
    }));
    const fields = new Set(wanted.map(({ key }) => key));
    const narrow: RowPlan = {
      ...this.plan,
      cells: this.plan.cells.filter((cell) => cell.key !== null && fields.has(cell.key)),
      refs: [],
      templates: this.plan.templates.filter(({ field }) => fields.has(field.key)),
    };
    for (const { ref } of wanted) this.later.set(ref.path, new Set());
    for await (const batch of readRows(this.file(), { delimiter: this.o.staged.delimiter, from: this.o.staged.start, batch: 2000 })) {
      for (const row of batch) {
        const draft = readRow(narrow, row, this.ctx.env);
        for (const { ref, key } of wanted) {
          const names = this.later.get(ref.path);
          if (ref.by === 'externalId')
            for (const one of draft.externalIds) names?.add(lookupKey(this.object, ref.by, one.system, one.value));
          else if (draft.values[key] !== null && draft.values[key] !== undefined)
            names?.add(lookupKey(this.object, ref.by, null, String(draft.values[key])));
        }
      }
      await turn();
    }
  }

  /** All rows; false when it was told to stop. */
  private async rows(): Promise<boolean> {
    const source = this.drafts();
    let next = source.next();
    try {
      for (;;) {
        const { value, done } = await next;
        if (done) return true;
        if (this.job.cancelled()) return false;
        const began = performance.now();
        let ahead: typeof next | null = null;
        this.readAhead = () => {
          if (ahead) return;
          ahead = source.next();
          ahead.catch(() => undefined);
        };
        await this.chunk(value);
        this.readAhead();
        next = ahead ?? source.next();
        this.refreshStatistics();
        const took = performance.now() - began;
        this.size = Math.round(Math.min(MOST, Math.max(200, this.size * Math.min(2, Math.max(0.5, AIM_MS / Math.max(took, 1))))));
      }
    } finally {
      await source.return(undefined);
    }
  }

  private refreshStatistics(): void {
    if (this.o.dryRun || this.state.done < this.analyzeAt) return;
    this.analyzeAt = this.state.done * 8;
    // Beside the rows, which need not wait for it.
    this.refreshing = this.refreshing.then(() => this.analyze()).catch(() => undefined);
  }

  private analyze(): Promise<void> {
    const created = this.plan.refs.filter((ref) => ref.create).map((ref) => ref.object.table);
    const tables = [this.object.table, ...created, 'external_ids', 'identifiers', 'changes'];
    return refreshStatistics(this.ctx.db, tables, this.state.done / 2);
  }

  /** Chunks of rows, read and mapped; gives way to the database's answers every few hundred rows. */
  private async *drafts(): AsyncGenerator<RowDraft[]> {
    let chunk: RowDraft[] = [];
    for await (const batch of readRows(this.file(), {
      delimiter: this.o.staged.delimiter,
      from: { byte: this.state.byte, row: this.state.row },
      batch: 50,
    })) {
      for (const row of batch) {
        const draft = readRow(this.plan, row, this.ctx.env);
        draft.ahead = readAhead(this.object, draft.values, this.ctx);
        chunk.push(draft);
      }
      await turn();
      if (chunk.length >= this.size) {
        yield chunk;
        chunk = [];
      }
    }
    if (chunk.length > 0) yield chunk;
  }

  private async chunk(drafts: RowDraft[], tries = 0): Promise<void> {
    try {
      await this.attempt(drafts);
    } catch (error) {
      if (isPassing(error) && tries < 5) {
        await new Promise((resolve) => setTimeout(resolve, 50 + Math.random() * 200));
        return this.chunk(drafts, tries + 1);
      }
      const fault = rowFault(error, this.object) ?? (isPerigonError(error) && error.code !== 'bug' ? error : null);
      if (!fault) throw error;
      const [only] = drafts;
      if (drafts.length === 1 && only) return this.refuse(only, fault);
      const middle = Math.ceil(drafts.length / 2);
      await this.chunk(drafts.slice(0, middle));
      await this.chunk(drafts.slice(middle));
    }
  }

  /** One transaction: the rows, what they count, and where the import stands. */
  private async attempt(drafts: RowDraft[]): Promise<void> {
    let next = this.state;
    // What this attempt sees counts only when it holds.
    const fresh = new Map<string, number>();
    const seen = this.seen && {
      get: (key: string) => fresh.get(key) ?? this.seen?.get(key),
      set: (key: string, row: number) => void fresh.set(key, row),
    };
    try {
      await this.ctx.db.transaction(async (tx) => {
        const outcome = await this.write(tx, drafts, seen);
        next = await this.after(drafts, outcome);
        if (this.o.dryRun) throw new DryRun();
        await this.save(tx, next);
        tx.afterCommit(this.ctx.wrote);
      });
    } catch (error) {
      if (!(error instanceof DryRun)) throw error;
      await this.save(null, next);
      for (const [key, row] of fresh) this.seen?.set(key, row);
    }
    this.settle(next);
  }

  private async write(tx: Tx, drafts: RowDraft[], seen: SeenRows | null): Promise<Outcome> {
    const found = await resolveChunk(tx, this.ctx, this.plan, drafts, { mode: this.o.mode, later: this.later, seen });
    const outcome: Outcome = {
      created: 0,
      updated: 0,
      skipped: found.skipped.length,
      failed: found.failed.length,
      problems: found.problems,
      errorRows: new Set([...found.skipped, ...found.failed]),
      deferred: found.deferred,
      compared: 0,
      likes: [],
      erased: [],
    };
    const ops = await this.compare(found.ops, outcome);
    outcome.erased = await this.erasedAmong(ops);
    const results = await writeIn(
      tx,
      this.ctx,
      this.object,
      ops.map(({ op }) => op),
      { partial: true, importing: true, dryRun: this.o.dryRun, sending: () => this.readAhead() },
    );
    const lost = new Set<string>();
    results.forEach((written, i) => {
      const rows = ops[i]?.rows ?? [];
      if (written.ok) {
        if (written.op === 'create') outcome.created++;
        else if (written.changed) outcome.updated++;
        else outcome.skipped++;
        outcome.updated += rows.length - 1;
        return;
      }
      outcome.failed += rows.length;
      const op = ops[i]?.op;
      if (op?.id) lost.add(op.id);
      for (const row of rows) {
        outcome.errorRows.add(row);
        outcome.problems.push(...this.problemsOf(row.row.number, written.error));
      }
    });
    if (lost.size > 0) outcome.deferred = outcome.deferred.filter((open) => !lost.has(open.id));
    return outcome;
  }

  /** Rows of new records by which somebody would be known again who was erased: whoever imports is to know, and decides. */
  private async erasedAmong(ops: readonly ResolvedOp[]): Promise<number[]> {
    const { erased } = this.job;
    const known = this.object.declared.filter((field) => field.identifies);
    const fresh = ops.filter(({ op }) => op.op === 'create');
    if (!erased || known.length === 0 || fresh.length === 0) return [];
    const marks = fresh.map(({ op }) => {
      const given = 'values' in op ? op.values : {};
      const values = op.op === 'create' && op.ahead ? op.ahead.values : readAhead(this.object, given, this.ctx).values;
      const named = Array.isArray(given.externalIds) ? (given.externalIds as { system: string; value: string }[]) : [];
      return [
        ...known.flatMap((field) => identifiersOf(values[field.key]).map(({ value }) => ({ kind: field.identifies ?? '', value }))),
        ...named.map(({ system, value }) => ({ kind: `external ${system}`, value })),
      ];
    });
    const found = await erased(this.ctx, marks);
    return fresh.flatMap(({ rows }, i) => (found[i] && rows[0] ? [rows[0].row.number] : []));
  }

  /**
   * Compares new records with those already there: the first of a trial, to be told of, and all where likely ones are to be left
   * out. Gives what is left to write. Rows of one file are not compared with each other here; the queue of duplicates finds them.
   */
  private async compare(ops: readonly ResolvedOp[], outcome: Outcome): Promise<readonly ResolvedOp[]> {
    const { nearest } = this.job;
    const leaveOut = this.o.leaveOutLikely === true;
    const room = leaveOut ? ops.length : this.o.dryRun ? COMPARED - this.state.compared : 0;
    const fresh = ops.filter(({ op }) => op.op === 'create').slice(0, Math.max(0, room));
    if (!nearest || !this.object.duplicates || fresh.length === 0) return ops;
    const values = fresh.map(({ op }) => ('values' in op ? (op.ahead?.values ?? readAhead(this.object, op.values, this.ctx).values) : {}));
    const found = await nearest(this.ctx, this.object, values);
    outcome.compared = fresh.length;
    const left = new Set<ResolvedOp>();
    found.forEach((near, i) => {
      const one = fresh[i];
      const [row] = one?.rows ?? [];
      if (!near || !one || !row) return;
      const record = { id: near.id, name: near.name };
      outcome.likes.push({ row: row.row.number, likelihood: near.likelihood, record });
      if (!leaveOut) return;
      left.add(one);
      outcome.skipped += one.rows.length;
      for (const each of one.rows) {
        outcome.errorRows.add(each);
        outcome.problems.push({ row: each.row.number, column: null, detail: `Likely ${near.name ?? near.id}, which is there already.` });
      }
    });
    if (left.size === 0) return ops;
    const gone = new Set([...left].map(({ op }) => op.id));
    outcome.deferred = outcome.deferred.filter((open) => !gone.has(open.id));
    return ops.filter((one) => !left.has(one));
  }

  private problemsOf(row: number, error: PerigonError): RowProblem[] {
    if (error.errors.length === 0) return [{ row, column: null, detail: error.message }];
    return error.errors.map((problem) => {
      const key = problem.path.split('.')[0] ?? '';
      const column = this.plan.columnOf.get(problem.path) ?? this.plan.columnOf.get(key) ?? null;
      return { row, column, detail: column === null && key !== '' ? `${key}: ${problem.detail}` : problem.detail };
    });
  }

  /** The state once these rows are kept; their problems are in the error file by then. */
  private async after(drafts: readonly RowDraft[], outcome: Outcome): Promise<ImportState> {
    const { state } = this;
    const last = drafts.at(-1)?.row;
    const errorBytes =
      outcome.errorRows.size > 0
        ? await this.errors.append(
            this.errorLines(
              [...outcome.errorRows].sort((a, b) => a.row.number - b.row.number),
              outcome.problems,
            ),
          )
        : state.errorBytes;
    const deferredBytes =
      outcome.deferred.length > 0 && !this.o.dryRun
        ? await this.open.append(outcome.deferred.map((one) => `${JSON.stringify(one)}\n`).join(''))
        : state.deferredBytes;
    const problems =
      state.problems.length < SHOWN_PROBLEMS
        ? [...state.problems, ...[...outcome.problems].sort((a, b) => a.row - b.row)].slice(0, SHOWN_PROBLEMS)
        : state.problems;
    return {
      ...state,
      byte: last?.end ?? state.byte,
      row: last?.number ?? state.row,
      done: state.done + drafts.length,
      created: state.created + outcome.created,
      updated: state.updated + outcome.updated,
      skipped: state.skipped + outcome.skipped,
      failed: state.failed + outcome.failed,
      problemRows: state.problemRows + outcome.errorRows.size,
      problems,
      errorBytes,
      deferredBytes,
      compared: state.compared + outcome.compared,
      likely: state.likely + outcome.likes.length,
      likes: [...state.likes, ...outcome.likes].slice(0, SHOWN_LIKES),
      erased: state.erased + outcome.erased.length,
      erasedRows: [...state.erasedRows, ...outcome.erased].slice(0, SHOWN_LIKES),
    };
  }

  private errorLines(rows: readonly RowDraft[], problems: readonly RowProblem[]): string {
    const byRow = new Map<number, string[]>();
    for (const { row, column, detail } of problems)
      byRow.set(row, [...(byRow.get(row) ?? []), column === null ? detail : `${column}: ${detail}`]);
    const width = this.o.columns.length;
    const cells = (row: FileRow) => Array.from({ length: Math.max(width, row.cells.length) }, (_, i) => row.cells[i] ?? '');
    const header = this.state.errorBytes === 0 ? csvLine([...this.o.columns, 'Row', 'Problem']) : '';
    return header + rows.map(({ row }) => csvLine([...cells(row), String(row.number), (byRow.get(row.number) ?? []).join(' ')])).join('');
  }

  /** A row that spoils even a transaction of its own. */
  private async refuse(draft: RowDraft, fault: PerigonError): Promise<void> {
    const next = await this.after([draft], {
      created: 0,
      updated: 0,
      skipped: 0,
      failed: 1,
      problems: this.problemsOf(draft.row.number, fault),
      errorRows: new Set([draft]),
      deferred: [],
      compared: 0,
      likes: [],
      erased: [],
    });
    await this.keep(null, next);
  }

  /** Fills in references to rows that stood later in the file; false when it was told to stop. */
  private async references(): Promise<boolean> {
    const file = await open(this.open.path, 'r');
    try {
      for (;;) {
        if (this.job.cancelled()) return false;
        const buffer = Buffer.alloc(Math.min(512 * 1024, this.state.deferredBytes - this.state.deferredAt));
        if (buffer.length === 0) break;
        await file.read(buffer, 0, buffer.length, this.state.deferredAt);
        const end = buffer.lastIndexOf(10) + 1;
        const open = buffer
          .subarray(0, end)
          .toString('utf8')
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line) as Deferred);
        await this.fill(open, this.state.deferredAt + end);
      }
    } finally {
      await file.close();
    }
    await this.keep(null, { ...this.state, phase: 'done' });
    return true;
  }

  private async fill(open: readonly Deferred[], behind: number | null): Promise<void> {
    try {
      await this.ctx.db.transaction(async (tx) => {
        const problems: RowProblem[] = [];
        const values = new Map<string, { values: Record<string, unknown>; from: Deferred }>();
        for (const by of new Set(open.map((one) => one.by))) {
          const mine = open.filter((one) => one.by === by);
          const found = await findRecords(tx, this.ctx, this.object, by, [...new Set(mine.map((one) => one.key))]);
          for (const one of mine) {
            const hits = found.get(one.key) ?? [];
            const [first] = hits;
            if (hits.length !== 1 || !first) {
              problems.push({
                row: one.row,
                column: one.column,
                detail:
                  hits.length === 0
                    ? `“${one.text}” was not imported, so this stays empty.`
                    : `${hits.length} ${this.object.plural} are called “${one.text}”; this stays empty.`,
              });
              continue;
            }
            const entry = values.get(one.id) ?? { values: {}, from: one };
            entry.values[one.field] = first.id;
            values.set(one.id, entry);
          }
        }
        const entries = [...values];
        const results = await writeIn(
          tx,
          this.ctx,
          this.object,
          entries.map(([id, entry]) => ({ op: 'update', id, values: entry.values })),
          { partial: true },
        );
        results.forEach((written, i) => {
          const from = entries[i]?.[1].from;
          if (!written.ok && from)
            problems.push({ row: from.row, column: from.column, detail: `${describe(written.error)} It stays empty.` });
        });
        const next = {
          ...this.state,
          problemRows: this.state.problemRows + problems.length,
          problems: [...this.state.problems, ...problems].slice(0, SHOWN_PROBLEMS),
          deferredAt: behind ?? this.state.deferredAt,
        };
        if (problems.length > 0) {
          const blank: string[] = this.o.columns.map(() => '');
          const header = this.state.errorBytes === 0 ? csvLine([...this.o.columns, 'Row', 'Problem']) : '';
          next.errorBytes = await this.errors.append(
            header + problems.map((problem) => csvLine([...blank, String(problem.row), `${problem.column}: ${problem.detail}`])).join(''),
          );
        }
        await this.save(tx, next);
        tx.afterCommit(() => {
          this.ctx.wrote();
          this.settle(next);
        });
      });
    } catch (error) {
      const fault = rowFault(error, this.object) ?? (isPerigonError(error) && error.code !== 'bug' ? error : null);
      if (!fault) throw error;
      const [only] = open;
      if (open.length > 1 || !only) {
        // Halves save no position of their own: filling in twice changes nothing.
        const middle = Math.ceil(open.length / 2);
        await this.fill(open.slice(0, middle), null);
        await this.fill(open.slice(middle), behind);
        return;
      }
      const problem = { row: only.row, column: only.column, detail: `${describe(fault)} It stays empty.` };
      await this.keep(null, {
        ...this.state,
        problemRows: this.state.problemRows + 1,
        problems: [...this.state.problems, problem].slice(0, SHOWN_PROBLEMS),
        deferredAt: behind ?? this.state.deferredAt,
      });
    }
  }

  private async keep(tx: Tx | null, next: ImportState): Promise<void> {
    await this.save(tx, next);
    this.settle(next);
  }

  private settle(next: ImportState): void {
    this.state = next;
    this.errors.size = next.errorBytes;
    this.open.size = next.deferredBytes;
  }

  private async save(tx: Tx | null, next: ImportState): Promise<void> {
    await (tx ?? this.ctx.db).query('update imports set state = $2::jsonb where id = $1::uuid', [this.id, JSON.stringify(next)]);
    const { created, updated, skipped, failed } = next;
    await this.job.save(tx, {
      progress: { created, updated, skipped, failed } as Record<string, Json>,
      done: next.done,
      total: this.o.rows,
    });
  }
}

/** The errors of an import, as a CSV that can be mended and imported again. */
export const errorFile = (dataFolder: string, id: string): string => join(dataFolder, 'imports', `${id}.errors.csv`);
