import { createServer } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { listen } from '../../test/support/node/loopback.ts'

/** A receiver of webhooks on loopback that knows one secret at a time. */
export type Receiver = {
  readonly url: string
  /** How often each event came in, by its id. */
  readonly received: ReadonlyMap<string, number>
  /** Webhooks that the secret of that moment did not verify. */
  readonly refused: () => number
  /** Changes the secret. */
  readonly know: (secret: string) => void
  readonly end: () => Promise<void>
}

/** Starts it. */
export async function startReceiver(secret: string): Promise<Receiver> {
  const received = new Map<string, number>()
  let webhook = new Webhook(secret)
  let refused = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const id = String(request.headers['webhook-id'])
    try {
      webhook.verify(Buffer.concat(chunks), request.headers as Record<string, string>)
      received.set(id, (received.get(id) ?? 0) + 1)
      response.writeHead(204).end()
    } catch {
      refused += 1
      response.writeHead(401).end()
    }
  })
  const { url, close } = await listen(server)
  return {
    url: `${url}/hooks`,
    received,
    refused: () => refused,
    know: (next) => {
      webhook = new Webhook(next)
    },
    end: close,
  }
}
