import { statfsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'
import { endOfRun } from './test/support/node/reporter.ts'
import { ByProject } from './test/support/node/sequencer.ts'

/** Ends a test that hangs; no test relies on it, however busy the machine is. */
const TIMEOUT_MS = 120_000
const MEMORY = '/dev/shm'
const ENOUGH_BYTES = 2 ** 30
// A database in memory answers twice as soon as one that waits for a disk. The long form of the torture has the disk.
if (process.env['TORTURE'] !== 'long' && hasRoom(MEMORY)) process.env['TMPDIR'] ??= MEMORY

const OUTSIDE = 'test/outside/**/*.test.ts'
/** What runs in Workers and in Node, and is tested in both. */
const ANYWHERE = ['test/packages/verify/**/*.test.ts', 'test/packages/client/step-up.test.ts']
const INTEGRATION = 'test/integration/**/*.test.ts'
const TORTURE = 'torture/**/*.test.ts'
const MODEL = 'torture/model/**/*.test.ts'
const shared = {
  // Files of a project that follow one another share a runtime and its modules: nothing in src/ keeps state in a module.
  isolate: false,
  maxWorkers: Math.max(2, availableParallelism()),
  testTimeout: TIMEOUT_MS,
  hookTimeout: TIMEOUT_MS,
  restoreMocks: true,
}

export default defineConfig({
  test: {
    // The Worker's log lines of tests that hold are of no interest.
    silent: 'passed-only',
    reporters: ['default', endOfRun],
    sequence: { sequencer: ByProject },
    // What the tests in the Workers runtime run of it. Nothing in the Worker imports the schema: drizzle-kit does.
    coverage: {
      provider: 'istanbul',
      include: ['src/**', 'openapi/**'],
      exclude: ['src/store/schema.ts'],
      reporter: ['text-summary', 'html'],
      thresholds: {
        statements: 98,
        functions: 97,
        lines: 98,
        branches: 94,
        'src/core/**': { statements: 100, functions: 100, lines: 100, branches: 100 },
      },
    },
    projects: [
      {
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' } })],
        test: {
          ...shared,
          name: 'worker',
          include: ['test/**/*.test.ts', MODEL],
          exclude: [OUTSIDE, INTEGRATION],
          globalSetup: ['test/support/node/global-setup.ts'],
          setupFiles: ['test/support/quiet-log.ts'],
        },
      },
      // What uses the running service from outside, in Node.
      // A busy machine may keep a browser waiting for seconds.
      {
        test: {
          ...shared,
          name: 'outside',
          include: [OUTSIDE, ...ANYWHERE],
          environment: 'node',
          globalSetup: ['test/support/node/outside-setup.ts'],
          expect: { poll: { timeout: 15_000 } },
        },
      },
      // What needs other products or runs long: npm run test:integration.
      {
        test: {
          ...shared,
          name: 'integration',
          include: [INTEGRATION],
          environment: 'node',
          globalSetup: ['test/support/node/outside-setup.ts'],
        },
      },
      // What kills, floods and measures it, in Node: a little here, a lot under npm run torture.
      {
        test: {
          ...shared,
          name: 'torture',
          include: [TORTURE],
          exclude: [MODEL],
          environment: 'node',
          globalSetup: ['torture/lib/global-setup.ts'],
        },
      },
    ],
  },
})

function hasRoom(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize > ENOUGH_BYTES
  } catch {
    return false
  }
}
