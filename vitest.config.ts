import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** The first request of a file loads the Worker through Vite, which takes seconds. */
const TIMEOUT_MS = 30_000
const OUTSIDE = 'test/outside/**/*.test.ts'
const TORTURE = 'test/torture/**/*.test.ts'
/** What runs in Workers and in Node, and is tested in both. */
const ANYWHERE = ['test/packages/verify/**/*.test.ts', 'test/packages/client/step-up.test.ts']
const INTEGRATION = 'test/integration/**/*.test.ts'
const shared = {
  testTimeout: TIMEOUT_MS,
  hookTimeout: TIMEOUT_MS,
  restoreMocks: true,
}

export default defineConfig({
  test: {
    // The Worker's log lines of tests that hold are of no interest.
    silent: 'passed-only',
    // What the tests in the Workers runtime run of it. Nothing in the Worker imports the schema: drizzle-kit does.
    coverage: {
      provider: 'istanbul',
      include: ['src/**'],
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
          include: ['test/**/*.test.ts'],
          exclude: [OUTSIDE, INTEGRATION, TORTURE],
          globalSetup: ['test/support/node/global-setup.ts'],
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
          expect: { poll: { timeout: 15_000 } },
        },
      },
      // What installs the packages, and applications that use them, in Node.
      { test: { ...shared, name: 'integration', include: [INTEGRATION], environment: 'node' } },
      // What kills, floods and measures it, in Node: a little here, a lot under npm run torture.
      {
        test: {
          ...shared,
          name: 'torture',
          include: [TORTURE],
          environment: 'node',
          globalSetup: ['test/support/node/torture-setup.ts'],
        },
      },
    ],
  },
})
