import 'vitest'

declare module 'vitest' {
  /** What test/support/node/global-setup.ts hands to the tests, which do not see its types: they are Node's. */
  interface ProvidedContext {
    databaseUrl: string
    proxyUrl: string
    /** How many random histories the model test tries. */
    modelHistories: number
  }
}
