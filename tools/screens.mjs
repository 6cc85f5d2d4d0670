import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// Runs screens.ts through tsx, with the arguments given.
const script = fileURLToPath(new URL('./screens.ts', import.meta.url));
const run = spawnSync(process.execPath, ['--import', 'tsx', script, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exitCode = run.status ?? 1;
