import { typeOf } from '#engine/declare/fields/index.ts';
import { mendFigures } from '#engine/figures/building.ts';
import { enqueueJob } from '#engine/jobs/jobs.ts';
import type { Rules } from '#engine/record/context.ts';
import { holdFigures } from '#engine/record/figures.ts';

/**
 * A new or changed rate is carried into the base amounts that it decides. Base amounts are figures beside the record: they
 * raise no version and write no change.
 */
export const exchangeRateRules: Rules = {
  object: 'exchangeRate',
  async after({ ctx, tx, items }) {
    // The log says nothing of this, so the figures that stand on the amounts are mended here, before anyone adds to them.
    await holdFigures(tx);
    const currencies = [...new Set(items.flatMap((item) => [item.get('currency'), item.before?.currency]).filter(Boolean))];
    for (const object of ctx.model.objects.values()) {
      for (const field of object.declared) {
        if (field.type !== 'money' || typeOf(field).storage !== 'columns') continue;
        const on = object.fields.get(String(field.with.rateOn ?? ''));
        const day = on ? `coalesce(t.${on.column}::date, t.created_at::date)` : 't.created_at::date';
        const base = `perigon_to_base(t.${field.column}, t.${field.column}_currency, ${day})`;
        // Locked in the order in which writers lock, or two of them could wait for each other.
        const moved = await tx.query<{ id: string }>(
          `with held as materialized (
             select t.id from ${object.table} t where t.${field.column}_currency = any($1::text[]) and t.${field.column}_base is distinct from ${base} order by t.id for no key update)
           update ${object.table} t set ${field.column}_base = ${base} from held where t.id = held.id returning t.id`,
          [currencies],
        );
        await mendFigures(
          tx,
          ctx.model,
          enqueueJob,
          object,
          moved.map(({ id }) => id),
        );
      }
    }
  },
};
