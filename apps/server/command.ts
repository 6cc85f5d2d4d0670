import type { ParseArgsConfig } from 'node:util';
import type { OpenDatabase } from './database.ts';
import type { Environment } from './environment.ts';
import type { Product } from './product.ts';

/** The values of a command's options, as `parseArgs` gives them. */
export type OptionValues = Record<string, string | boolean | (string | boolean)[] | undefined>;

/** What a command finds around it. */
export interface CommandContext {
  environment: Environment;
  options: OptionValues;
  /** What stands on the line beside the options. */
  operands: string[];
  /** Opens the product over the database of this environment: the one of a running server, or started for this command alone. */
  open(): Promise<Product>;
  /** Opens only the database, for what must work when the product does not. */
  openDatabase(): Promise<OpenDatabase>;
  /** One line for people, or the result for programs, on standard output. */
  print(line: string): void;
  /** One line on standard error. */
  warn(line: string): void;
}

/** One command of `perigon`: its file is loaded only when it is called. */
export interface Command {
  /** The lines after "Usage: perigon". */
  usage: string;
  options: NonNullable<ParseArgsConfig['options']>;
  /** How many operands there may be. */
  operands?: { min: number; max: number };
  /** The exit code: 0 all done, 2 some rows failed, 1 nothing done. */
  run(context: CommandContext): Promise<number>;
}

/** A fault in how a command was called; shown with the command's usage. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** An option that must be given. */
export function required(options: OptionValues, name: string): string {
  const value = options[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new UsageError(`--${name} is missing.`);
}

/** An option that may be given. */
export function optional(options: OptionValues, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}
