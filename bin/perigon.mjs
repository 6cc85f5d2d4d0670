#!/usr/bin/env node
// Kept in words that every Node understands, so that an old one reads as far as the line that says so.
const parts = process.versions.node.split('.').map(Number);
if (parts[0] < 20 || (parts[0] === 20 && parts[1] < 19)) {
  console.error(
    'Perigon needs Node.js 20.19 or newer, and this is ' +
      process.versions.node +
      '. Install a newer one from https://nodejs.org, then start again.',
  );
  process.exit(1);
}
import('../tools/launch.mjs').then((launch) => launch.main(process.argv.slice(2)));
