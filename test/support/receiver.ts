import { vi } from 'vitest'
import { query } from './rows.ts'

/** The receiver of webhooks: somebody else's server, so it is played here. */
export const RECEIVER = 'https://receiver.example/hooks'
export const WEBHOOK_SECRETS = [
  'whsec_cGxhbnRlZC13ZWJob29rLXNlY3JldC0x',
  'whsec_cGxhbnRlZC13ZWJob29rLXNlY3JldC0y',
] as const

const real = globalThis.fetch

/** A webhook as it came in. */
export type Received = {
  readonly headers: Record<string, string>
  readonly text: string
  readonly body: { type: string; data: Record<string, unknown> }
}

/** Plays the receiver from now on; all other traffic goes where it should. `answer` may be changed at any time. */
export function playReceiver(answer: (received: Received) => Response | Promise<Response>) {
  const received: Received[] = []
  const play = { answer, received }
  vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    if (!url.startsWith(RECEIVER)) return real(input as RequestInfo, init)
    const request = new Request(input as RequestInfo, init)
    const text = await request.text()
    const one = { headers: Object.fromEntries(request.headers), text, body: JSON.parse(text) }
    received.push(one)
    return play.answer(one)
  })
  return play
}

/** What an operator does once the receiver is back for good. */
export async function resumeDeliveries(): Promise<void> {
  await query('DELETE FROM webhook_pause')
}
