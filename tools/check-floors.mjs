import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import * as path from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { root } from './launch.mjs';

process.chdir(root);
const rule = createRequire(import.meta.url)('./dependency-rule.cjs');
const folders = ['kit', 'engine', 'ui', 'modules', 'apps'].filter((folder) => fs.existsSync(folder));
const result = await cruise(
  folders,
  { ...rule.options, ruleSet: { forbidden: rule.forbidden }, validate: true, outputType: 'json' },
  {},
  { tsConfig: extractTSConfig(path.join(root, 'tsconfig.json')) },
);
const { modules, summary } = JSON.parse(result.output);
const own = modules.filter((module) => /^(kit|engine|ui|modules|apps)\//.test(module.source));

// A resolver that does not understand the sources finds no imports and so no faults: that has happened with another TypeScript.
const files = folders.flatMap((folder) =>
  fs.readdirSync(folder, { recursive: true }).filter((name) => /[.]tsx?$/.test(name) && !/[.]d[.]ts$/.test(name)),
);
const imports = own.reduce((sum, module) => sum + module.dependencies.filter((one) => !one.couldNotResolve).length, 0);
if (own.length < files.length || imports < files.length) {
  console.error(`The dependency rule saw ${own.length} of ${files.length} files and ${imports} imports: it did not read the sources.`);
  process.exit(1);
}
for (const violation of summary.violations) {
  const way = violation.cycle ? violation.cycle.map((step) => step.name).join(' → ') : violation.to;
  console.error(`${violation.rule.name}: ${violation.from} → ${way}`);
}
console.log(`${own.length} modules, ${imports} imports, ${summary.violations.length} violations`);
process.exit(summary.violations.length === 0 ? 0 : 1);
