import { main } from '#apps/server/cli.ts';

process.exitCode = await main(process.argv.slice(2));
