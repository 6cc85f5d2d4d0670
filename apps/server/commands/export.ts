import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { exportName, exportRecords, formatOf } from '#engine/export/exports.ts';
import { invalid } from '#kit/errors.ts';
import { type Command, optional, required } from '../command.ts';

/** `perigon export`: the records of a query as a file, or on standard output with `--out -`. */
export const command: Command = {
  usage: 'export --object KEY [--where JSON] [--sort LIST] [--fields LIST] [--format csv|xlsx|ndjson] [--out FILE|-] [--as EMAIL]',
  options: {
    object: { type: 'string' },
    where: { type: 'string' },
    sort: { type: 'string' },
    fields: { type: 'string' },
    format: { type: 'string' },
    out: { type: 'string' },
    as: { type: 'string' },
  },
  run: async ({ options, open, print }) => {
    const key = required(options, 'object');
    const format = formatOf(optional(options, 'format'));
    const where = conditionOf(optional(options, 'where'));
    const product = await open();
    const object = product.model.objects.get(key) ?? product.model.byPlural.get(key);
    if (!object) throw invalid(`There is no object “${key}”.`);
    const ctx = await product.commandContext(optional(options, 'as'));
    let rows = 0;
    const stream = await exportRecords(
      ctx,
      object,
      { format, where, sort: list(optional(options, 'sort')), fields: list(optional(options, 'fields')) },
      (done) => {
        rows = done;
      },
    );
    const out = optional(options, 'out') ?? exportName(object, format, ctx.env.now);
    if (out === '-') {
      await pipeline(stream, process.stdout, { end: false });
      return 0;
    }
    // Half a file under the wanted name would pass for a whole one.
    const draft = `${out}.draft`;
    try {
      await pipeline(stream, createWriteStream(draft));
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await rename(draft, out);
    print(`${rows} ${rows === 1 ? object.key : object.plural} in ${out}`);
    return 0;
  },
};

const list = (text: string | undefined): string[] | undefined =>
  text
    ?.split(',')
    .map((part) => part.trim())
    .filter(Boolean);

function conditionOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid('--where is not valid JSON.');
  }
}
