import * as fs from 'node:fs';
import { isBuiltin } from 'node:module';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import * as zlib from 'node:zlib';
import * as esbuild from 'esbuild';
import { root, sourceStamp } from './launch.mjs';

const brotli = promisify(zlib.brotliCompress);
const gzip = promisify(zlib.gzip);

/** Builds server and web app into `dist`. The new build takes the place of the old one only when it is whole. */
export async function build() {
  const stamp = sourceStamp();
  const draft = path.join(root, `dist.${process.pid}`);
  fs.rmSync(draft, { recursive: true, force: true });
  try {
    await Promise.all([buildServer(path.join(draft, 'server')), buildWeb('web', path.join(draft, 'web'))]);
    fs.writeFileSync(path.join(draft, '.stamp'), stamp ?? '');
    const dist = path.join(root, 'dist');
    const old = `${draft}.old`;
    if (fs.existsSync(dist)) fs.renameSync(dist, old);
    fs.renameSync(draft, dist);
    fs.rmSync(old, { recursive: true, force: true });
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

/**
 * Packages that every start reads go into the build with all that they need in turn: hundreds of small files, found and compiled one by
 * one, were half of a start. Only what is plain JavaScript and looks for no file beside its own.
 */
const taken =
  /^(@fastify\/(cookie|helmet|multipart|static)|@marcbachmann\/cel-js|any-ascii|big\.js|chardet|countries-list|fastify|ical\.js|libphonenumber-js|modern-tar|otpauth|pg|pg-copy-streams|prom-client|rrule-temporal|sanitize-html|temporal-polyfill|uuid|zod)(\/|$)/;
/** What those need and what still stays where it is installed: it starts threads from its own files, is one for all of a process, or may be absent. */
const apart = /^(@opentelemetry\/.*|pg-native|pino)(\/|$)/;

const packages = {
  name: 'packages',
  setup(context) {
    context.onResolve({ filter: /^[^./#]/ }, ({ path: asked, importer, kind }) => {
      if (kind === 'entry-point' || isBuiltin(asked)) return null;
      const whole = taken.test(asked) || /[\\/]node_modules[\\/]/.test(importer);
      return whole && !apart.test(asked) ? null : { path: asked, external: true };
    });
  },
};

async function buildServer(outdir) {
  await esbuild.build({
    absWorkingDir: root,
    // Threads begin with a file of their own.
    entryPoints: { cli: 'apps/server/cli.ts', 'pdf-worker': 'engine/reports/pdf.worker.ts' },
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    plugins: [packages],
    // Packages in the older form of modules ask for Node's own parts by `require`.
    banner: { js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);" },
    // Less to read and compile; names stay, and stacks tell the lines of the sources all the same.
    minifyWhitespace: true,
    minifySyntax: true,
    sourcemap: 'linked',
    // A stack in a log needs the lines, not a second copy of all sources.
    sourcesContent: false,
    legalComments: 'none',
    logLevel: 'warning',
  });
}

async function buildWeb(name, outDir) {
  const app = path.join(root, 'apps', name);
  if (!fs.existsSync(path.join(app, 'index.html'))) return;
  const vite = await import('vite');
  const configFile = path.join(app, 'vite.config.ts');
  await vite.build({
    root: app,
    configFile: fs.existsSync(configFile) ? configFile : false,
    logLevel: 'warn',
    mode: 'production',
    build: { outDir, emptyOutDir: true },
  });
  await compressAll(outDir);
}

/** Lays a brotli and a gzip form beside each text file, so that no request waits for compression. */
async function compressAll(folder) {
  const entries = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  await Promise.all(
    entries
      .filter((entry) => entry.isFile() && /\.(html|js|mjs|css|svg|json|txt|webmanifest|map)$/.test(entry.name))
      .map(async (entry) => {
        const file = path.join(entry.parentPath, entry.name);
        const text = await fs.promises.readFile(file);
        if (text.length < 1024 || entry.name.endsWith('.map')) return;
        const [small, common] = await Promise.all([
          brotli(text, { params: { [zlib.constants.BROTLI_PARAM_SIZE_HINT]: text.length, [zlib.constants.BROTLI_PARAM_QUALITY]: 10 } }),
          gzip(text, { level: 9 }),
        ]);
        await Promise.all([fs.promises.writeFile(`${file}.br`, small), fs.promises.writeFile(`${file}.gz`, common)]);
      }),
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) await build();
