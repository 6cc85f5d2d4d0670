import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Minutes each: begun last they would keep one worker busy while the other has nothing left to do. */
const LONG = /\/(browser\/accessible|scenarios\/sample|laws\/predicates)\.test\.ts$/;

/**
 * Where a build decides, a test with a base or a browser is tried a second time: there much depends on what else the machine does. One
 * that passed only then is named at the end as unsteady (tools/test.mjs), and is mended.
 */
const AGAIN = process.env.CI ? 1 : 0;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(({ moduleId }) => LONG.test(moduleId)), ...sorted.filter(({ moduleId }) => !LONG.test(moduleId))];
  }
}

/** One kind of tests. Those that use PostgreSQL drop their databases after each file. */
function kind(
  name: string,
  include: string[],
  more: { exclude?: string[]; timeout?: number; database?: boolean; retry?: number; isolate?: boolean } = {},
): TestProjectConfiguration {
  return {
    test: {
      name,
      include,
      exclude: more.exclude ?? [],
      environment: 'node',
      pool: 'forks',
      // One process after another reads all of the product anew, which is most of the time of most files: they share one. What a file
      // leaves behind it takes away at its end.
      isolate: more.isolate ?? false,
      testTimeout: more.timeout ?? 30_000,
      hookTimeout: Math.max(120_000, more.timeout ?? 0),
      restoreMocks: true,
      // A list that should have been empty is told whole: of a run elsewhere the message is all that is left.
      chaiConfig: { truncateThreshold: 0 },
      // What is polled for comes at once, or late on a machine that has much to do.
      expect: { poll: { timeout: 20_000 } },
      retry: more.retry ?? 0,
      setupFiles: more.database ? ['tests/harness/after-file.ts'] : [],
    },
  };
}

/**
 * `unit` needs nothing; `database` needs PostgreSQL; `browser` a Chromium beside it; `faults` kills servers and takes its time.
 * One kind: `npx vitest run --project unit`. `npm test` runs all.
 */
export default defineConfig({
  test: {
    globalSetup: ['tests/harness/global-setup.ts'],
    maxWorkers: 2,
    passWithNoTests: true,
    sequence: { sequencer: LongFirst },
    projects: [
      kind('unit', ['{kit,ui,apps/web,tools}/**/*.test.{ts,tsx}', 'engine/declare/**/*.test.ts', 'modules/*/ui/**/*.test.{ts,tsx}']),
      kind(
        'database',
        ['{engine,modules,apps/server}/**/*.test.ts', 'tests/{harness,attacks,conformance,laws,scenarios,real-data}/**/*.test.ts'],
        {
          exclude: ['engine/declare/**', 'modules/*/ui/**'],
          database: true,
          timeout: 120_000,
          retry: AGAIN,
        },
      ),
      kind('browser', ['tests/browser/**/*.test.ts'], { timeout: 120_000, database: true, retry: AGAIN }),
      kind('faults', ['tests/faults/**/*.test.ts'], { timeout: 900_000, database: true, isolate: true, retry: AGAIN }),
    ],
  },
});
