import { createServer } from 'node:http'
import type { JWK } from 'jose'

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
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the source has no port')
  return {
    url: `http://127.0.0.1:${address.port}/jwks.json`,
    publish: (...next) => {
      keys = next
    },
    asked: () => asked,
    async end() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
