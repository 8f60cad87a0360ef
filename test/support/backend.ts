import { afterAll, inject } from 'vitest'

const shared = { databaseUrl: inject('databaseUrl'), proxyUrl: inject('proxyUrl') }

/** The database of this test file, and the proxy before it. */
export const backend = { ...shared }

/** Gives this file a database of its own: for jobs, which look at every subject there is. */
export async function useOwnDatabase(): Promise<void> {
  const response = await fetch(`${inject('proxyUrl')}/backend`, { method: 'POST' })
  Object.assign(backend, await response.json())
  // The next file of the same runtime shares this module.
  afterAll(() => {
    Object.assign(backend, shared)
  })
}
