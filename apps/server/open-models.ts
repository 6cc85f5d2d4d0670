import type { Route } from '#engine/api/route.ts';
import { type Model, ModelFaults } from '#engine/declare/model.ts';
import { ModelSource } from '#engine/record/model-source.ts';
import type { Module } from '#engine/record/module.ts';
import type { Db } from '#engine/store/db.ts';
import { StartRefusal } from '#engine/store/start-refusal.ts';
import type { Log } from './log.ts';

/** The model of all modules and the catalogue; what a module beside the built-in ones cannot hold together refuses the start by its name. */
export async function openModels(db: Db, beside: readonly Module[], all: readonly Module[], log: Log['fault']): Promise<ModelSource> {
  try {
    const models = await ModelSource.open(db, all, log);
    for (const { key, rules } of beside) {
      const lost = rules?.find(({ object }) => !models.current.objects.has(object));
      if (lost) throw new StartRefusal(`The module “${key}” has rules about ${lost.object}, and there is no such object.`);
    }
    const objects = [...models.current.objects.values()];
    const [own] = await db.query<{ name: string }>(
      `select t as name from unnest($1::text[]) t
       where to_regclass(t) is not null and not exists (select 1 from pg_attribute a where a.attrelid = to_regclass(t) and a.attname = 'deleted_at')`,
      [objects.map(({ table }) => table)],
    );
    const clash = own && objects.find(({ table }) => table === own.name);
    if (clash)
      throw new StartRefusal(`The module “${clash.module}” calls ${clash.key} ${clash.plural}, and a table of that name is Perigon's own.`);
    return models;
  } catch (error) {
    if (!(error instanceof ModelFaults) || beside.length === 0) throw error;
    const named = error.faults.map(({ object, text }) => {
      const module = beside.find(({ objects }) => objects.some(({ key }) => key === object));
      return `${module ? `The module “${module.key}”: ` : ''}${text}`;
    });
    throw new StartRefusal(named.join('\n'));
  }
}

/** Addresses that routes have to themselves and no object may take. */
export function refuseTakenAddresses(model: Model, routes: readonly Route[]): void {
  const taken = new Set(routes.flatMap(({ path }) => /^\/api\/v1\/(\w+)$/.exec(path)?.[1] ?? []));
  for (const { key, plural, module } of model.objects.values())
    if (taken.has(plural)) throw new StartRefusal(`The module “${module}” calls ${key} ${plural}, and /api/v1/${plural} is Perigon's own.`);
}
