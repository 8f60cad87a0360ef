import { cloudflareTest } from '@cloudflare/vitest-plugin'
import { defineConfig } from 'vitest/config'

/** The first request of a file loads the Worker through Vite, which takes seconds. */
const TIMEOUT_MS = 30_000

export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' } })],
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/node/global-setup.ts'],
    testTimeout: TIMEOUT_MS,
    hookTimeout: TIMEOUT_MS,
    restoreMocks: true,
    // The Worker's log lines of tests that hold are of no interest.
    silent: 'passed-only',
    coverage: { provider: 'istanbul', include: ['src/**'] },
  },
})
