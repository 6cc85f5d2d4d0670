import { writeFileSync } from 'node:fs';
import { buildModel } from '#engine/declare/model.ts';
import { schemaLock } from '#engine/store/schema-lock.ts';
import { modules } from '#modules/index.ts';

// `npm run schema`: writes schema.lock.json anew after a declaration changed.
writeFileSync('schema.lock.json', schemaLock(buildModel(modules)));
