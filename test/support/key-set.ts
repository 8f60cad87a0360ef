import { vi } from 'vitest'
import { createAccessTokenVerifier } from '../../src/tokens/access-token.ts'
import { settingsFor } from './issuer.ts'

/** The least time between two requests to a source whose keys are known. */
export const COOLDOWN_MS = 31_000
/** The same while no keys are known. */
export const RETRY_MS = 2_000
/** The time after which a key set is asked for again. */
export const STALE_MS = 601_000
/** Bytes of the largest key set. */
export const LARGEST_BYTES = 262_144

/** A source that refuses the connection. */
export function down(): Promise<Response> {
  return Promise.reject(new TypeError('no route'))
}

/** Moves the clock. */
export function pass(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds)
}

/** Verifies in an isolate that knows nothing; the edge remembers across them. */
export function newIsolate(url: URL) {
  const verify = createAccessTokenVerifier(settingsFor({ kind: 'remote', url }))
  return async (token: string) => {
    const afterwards: Promise<unknown>[] = []
    const verification = { now: Date.now(), waitUntil: (work: Promise<unknown>) => void afterwards.push(work) }
    return verify(token, verification).finally(() => Promise.all(afterwards))
  }
}

/** How each of these verifications at once ended: `valid`, or the problem. */
export async function outcomes(verifications: readonly Promise<unknown>[]): Promise<ReadonlySet<string>> {
  const outcomeOf = (each: Promise<unknown>) =>
    each.then(
      () => 'valid',
      ({ code }: { code: string }) => code,
    )
  return new Set(await Promise.all(verifications.map(outcomeOf)))
}

/** Where the edge keeps the copy of a set. */
export function copyOf(url: URL): string {
  return `https://key-set.invalid/${encodeURIComponent(url.href)}`
}

/** The set as a text of that many bytes, its Content-Length unknown. */
export function sized(set: object, bytes: number): Response {
  return new Response(new Blob([JSON.stringify(set).padEnd(bytes)]).stream())
}
