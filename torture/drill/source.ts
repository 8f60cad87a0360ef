import { createServer } from 'node:http'
import type { JWK } from 'jose'
import { listen } from '../../test/support/node/loopback.ts'

/** The place where an issuer publishes its keys, on loopback. */
export type Source = {
  readonly url: string
  /** Publishes these keys alone; none at all means that the source is down. */
  readonly publish: (...keys: readonly JWK[]) => void
  readonly asked: () => number
  readonly end: () => Promise<void>
}

/** Starts it. */
export async function startSource(...first: readonly JWK[]): Promise<Source> {
  let keys = first
  let asked = 0
  const server = createServer((_request, response) => {
    asked += 1
    if (keys.length === 0) response.writeHead(500).end()
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys }))
  })
  const { url, close } = await listen(server)
  return {
    url: `${url}/jwks.json`,
    publish: (...next) => {
      keys = next
    },
    asked: () => asked,
    end: close,
  }
}
