/**
 * The floors of the house: imports run downwards only, types included, and never in a circle. `npm run check` applies it;
 * `tools/check-floors.mjs` also asserts that enough modules were seen, because a cruise that reads nothing reports nothing.
 */

/** From the ground up. Floors in one array stand side by side and do not know each other. */
const serverTower = [
  ['kit'],
  ['engine/declare'],
  ['engine/store'],
  ['engine/access'],
  ['engine/record'],
  [
    'engine/search',
    'engine/import',
    'engine/export',
    'engine/jobs',
    'engine/flows',
    'engine/outbox',
    'engine/measure',
    'engine/files',
    'engine/live',
    'engine/notify',
    'engine/identity',
    'engine/catalogue',
    'engine/figures',
  ],
  ['engine/measures'],
  ['engine/privacy', 'engine/reports'],
  ['engine/api'],
  ['modules'],
  ['apps'],
];

/** Modules by rank: from another module of a lower rank only its index may be imported; equals do not know each other. */
const moduleRanks = [
  ['workspace'],
  ['party'],
  ['catalog', 'conversations'],
  ['sales', 'marketing', 'service'],
  ['leads'],
  ['field-service', 'partners', 'insight', 'activities'],
  ['strategy'],
];

const clientParts = '^(ui/|apps/(web|portal|widget)/|modules/[^/]+/ui/)';
const tests = '[.]test[.]tsx?$|^tests/';
const anyOf = (folders) => `^(${folders.join('|')})/`;

const floors = serverTower.flatMap((row, height) =>
  row.map((floor) => {
    const above = serverTower.slice(height + 1).flat();
    const beside = row.filter((other) => other !== floor);
    return {
      name: `floor-${floor.replace('/', '-')}`,
      comment: `${floor} imports from floors below it only.`,
      severity: 'error',
      from: { path: `^${floor}/`, pathNot: `${tests}|${clientParts}` },
      to: { path: anyOf([...above, ...beside, 'ui', 'tests', 'tools', 'bench'].filter((other) => !other.startsWith(`${floor}/`))) },
    };
  }),
);

const ranks = moduleRanks.flatMap((row, rank) =>
  row.map((module) => ({
    name: `rank-${module}`,
    comment: `The module ${module} imports from modules of a lower rank only.`,
    severity: 'error',
    from: { path: `^modules/${module}/`, pathNot: tests },
    to: {
      path: `^modules/(${[
        ...moduleRanks
          .slice(rank)
          .flat()
          .filter((other) => other !== module),
      ].join('|')})/`,
    },
  })),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-circle', comment: 'No circles, type imports counted.', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolvable',
      comment: 'Every import names something that exists.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    ...floors,
    ...ranks.filter((rule) => !rule.to.path.includes('()')),
    {
      name: 'module-door',
      comment: 'From another module only its index.ts may be imported.',
      severity: 'error',
      from: { path: '^modules/([^/]+)/', pathNot: tests },
      to: { path: '^modules/([^/]+)/', pathNot: ['^modules/$1/', '^modules/[^/]+/index[.]ts$'] },
    },
    {
      name: 'declarations-are-plain',
      comment: 'Objects, actions and measures are declared with the words of engine/declare alone, so that the browser can read them.',
      severity: 'error',
      from: { path: '^modules/.+[.](object|measure)[.]ts$' },
      to: { path: '^engine/', pathNot: '^engine/declare/' },
    },
    {
      name: 'client-tower',
      comment: 'What runs in the browser knows kit, declare and ui, and no server.',
      severity: 'error',
      from: { path: clientParts, pathNot: `${tests}|vite[.]config[.]ts$` },
      to: { path: '^(engine/(?!declare/)|apps/server/|tests/|tools/)', dependencyTypesNot: ['npm'] },
    },
    {
      name: 'ui-below-apps',
      comment: 'The design system knows neither modules nor apps.',
      severity: 'error',
      from: { path: '^ui/', pathNot: tests },
      to: { path: '^(modules|apps)/' },
    },
    {
      name: 'ui-modules-below-apps',
      comment: 'The screens of a module do not know the app that shows them.',
      severity: 'error',
      from: { path: '^modules/[^/]+/ui/', pathNot: tests },
      to: { path: '^apps/' },
    },
    {
      name: 'declare-runs-anywhere',
      comment: 'kit and engine/declare also run in the browser: no Node.js, no database.',
      severity: 'error',
      from: { path: '^engine/declare/', pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-test-in-product',
      comment: 'The product does not import tests.',
      severity: 'error',
      from: { pathNot: tests },
      to: { path: tests },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|data|[.]cache)' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
