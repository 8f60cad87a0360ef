import { defineConfig } from 'vitest/config'

/** The tests of core alone, for `npm run mutation`: in Node, where a mutant is tried in a moment. Core needs no more. */
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts'],
    environment: 'node',
    isolate: false,
    testTimeout: 30_000,
    setupFiles: ['test/support/node/few-samples.ts'],
  },
})
