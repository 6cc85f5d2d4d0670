import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { StartRefusal } from '#engine/store/start-refusal.ts';
import { PerigonError } from '#kit/errors.ts';
import { type Command, type OptionValues, UsageError } from './command.ts';
import { type OpenDatabase, openDatabase } from './database.ts';
import { type Environment, perigonVersion, readEnvironment } from './environment.ts';
import type { Product } from './product.ts';

interface Entry {
  summary: string;
  load: () => Promise<{ command: Command }>;
}

const commands: Record<string, Entry> = {
  start: { summary: 'run the server', load: () => import('./commands/start.ts') },
  setup: { summary: 'set company and first administrator up', load: () => import('./commands/setup.ts') },
  'user add': { summary: 'add a user who can sign in', load: () => import('./commands/user-add.ts') },
  'user reset-factor': { summary: 'take away a second factor that was lost', load: () => import('./commands/user-reset-factor.ts') },
  'key create': { summary: 'make an API key and print it', load: () => import('./commands/key-create.ts') },
  'sign-in passwords': { summary: 'whether passwords open, or providers alone', load: () => import('./commands/sign-in-passwords.ts') },
  import: { summary: 'import CSV and XLSX files', load: () => import('./commands/import.ts') },
  export: { summary: 'export records as CSV, XLSX or NDJSON', load: () => import('./commands/export.ts') },
  undo: { summary: 'take back all that a cause wrote', load: () => import('./commands/undo.ts') },
  seed: { summary: 'fill an empty base to measure with', load: () => import('./commands/seed.ts') },
  sample: { summary: 'load or remove the sample company', load: () => import('./commands/sample.ts') },
  'rebuild-figures': { summary: 'reckon roll-up fields anew', load: () => import('./commands/rebuild-figures.ts') },
  backup: { summary: 'everything in one file, while the server goes on', load: () => import('./commands/backup.ts') },
  restore: { summary: 'what a backup holds into an empty folder or database', load: () => import('./commands/restore.ts') },
  move: { summary: 'into another database, and back', load: () => import('./commands/move.ts') },
  doctor: { summary: 'look whether this installation is sound', load: () => import('./commands/doctor.ts') },
};

function overview(): string {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  const lines = Object.entries(commands).map(([name, entry]) => `  ${name.padEnd(width)}  ${entry.summary}`);
  return `Usage: perigon <command> [options]\n\n${lines.join('\n')}\n\nperigon <command> --help tells more. Environment: PORT, HOST, PERIGON_DATA, DATABASE_URL, PERIGON_MODULES.`;
}

/** Runs one command line; the answer is the exit code: 0 all done, 2 some rows failed, 1 nothing done. */
export async function main(args: string[]): Promise<number> {
  const found = findCommand(args);
  if (!found) {
    const asked = args[0];
    if (asked === '--version' || asked === '-v') {
      console.log(perigonVersion());
      return 0;
    }
    if (asked === undefined || asked === 'help' || asked === '--help' || asked === '-h') {
      console.log(overview());
      return 0;
    }
    console.error(`There is no command "${asked}".\n\n${overview()}`);
    return 1;
  }
  const { command } = await found.entry.load();
  const usage = `Usage: perigon ${command.usage}`;
  try {
    const { options, operands } = readArguments(command, found.rest);
    if (options['help']) {
      console.log(usage);
      return 0;
    }
    return await runCommand(found.name, command, options, operands);
  } catch (error) {
    if (error instanceof UsageError) console.error(`${error.message}\n${usage}`);
    else console.error(describe(error));
    return 1;
  }
}

function findCommand(args: string[]): { name: string; entry: Entry; rest: string[] } | null {
  for (const words of [2, 1]) {
    const name = args.slice(0, words).join(' ');
    const entry = args.length >= words ? commands[name] : undefined;
    if (entry) return { name, entry, rest: args.slice(words) };
  }
  return null;
}

function readArguments(command: Command, args: string[]): { options: OptionValues; operands: string[] } {
  const { min, max } = command.operands ?? { min: 0, max: 0 };
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { ...command.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: max > 0,
      strict: true,
    });
    if (!values['help'] && (positionals.length < min || positionals.length > max)) {
      throw new UsageError(
        positionals.length < min ? 'Something is missing on the line.' : `"${positionals[max]}" is too much on the line.`,
      );
    }
    return { options: values, operands: positionals };
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    throw error;
  }
}

async function runCommand(name: string, command: Command, options: OptionValues, operands: string[]): Promise<number> {
  const environment: Environment = readEnvironment();
  let database: OpenDatabase | null = null;
  let product: Product | null = null;
  const warn = (line: string) => console.error(line);
  const close = async (): Promise<void> => {
    await product?.stop();
    await database?.stop();
  };
  // A job that was begun stays in the queue; the database must not stay behind.
  const interrupt = (): void => {
    warn('Interrupted.');
    void close().finally(() => process.exit(1));
  };
  const openOnce = async (): Promise<OpenDatabase> => {
    if (!database) {
      process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
      database = await openDatabase(environment, { kind: 'command', label: name }, warn);
    }
    return database;
  };
  try {
    return await command.run({
      environment,
      options,
      operands,
      print: (line) => console.log(line),
      warn,
      openDatabase: openOnce,
      open: async () => {
        const database = await openOnce();
        const { openProduct } = await import('./product.ts');
        const { loadModules } = await import('./third-party/load.ts');
        const modules = await loadModules(environment.moduleFolders, join(environment.dataFolder, 'modules'));
        product = await openProduct({ url: database.url, dataFolder: environment.dataFolder, modules });
        return product;
      },
    });
  } finally {
    await close();
  }
}

/** A fault in the words of whoever has to mend it; only a fault of Perigon itself shows its stack. */
function describe(error: unknown): string {
  if (error instanceof StartRefusal) return error.message;
  if (error instanceof PerigonError && error.code !== 'bug') {
    const places = error.errors.map((problem) => `  ${problem.path ? `${problem.path}: ` : ''}${problem.detail}`);
    return [error.message, ...places].join('\n');
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
