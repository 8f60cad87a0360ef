import 'vitest'

declare module 'vitest' {
  /** What the files of test/support/node that set up hand to the tests, which do not see its types: they are Node's. */
  interface ProvidedContext {
    databaseUrl: string
    proxyUrl: string
    /** How many random histories the model test tries. */
    modelHistories: number
    /** Where the files of test/outside ask for the service and the browser that they share. */
    sharedUrl: string
    /** The Worker of a deploy, for what runs it in the bare runtime. */
    workerScript: string
  }
}
