import { inject } from 'vitest'

/** The database of this test file, and the proxy before it. */
export const backend = { databaseUrl: inject('databaseUrl'), proxyUrl: inject('proxyUrl') }

/** Gives this file a database of its own: for jobs, which look at every subject there is. */
export async function useOwnDatabase(): Promise<void> {
  const response = await fetch(`${inject('proxyUrl')}/backend`, { method: 'POST' })
  Object.assign(backend, await response.json())
}
