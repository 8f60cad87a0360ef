import type { Statement } from './database.ts'
import { insertOutbox } from './job-statements.ts'

/** Adds to a batch that appends events what queues them for the receiver of webhooks. */
export type Recorder = {
  /** The statements that come after those that append events: none where nobody receives webhooks. */
  readonly queue: readonly Statement[]
  /** Notes that a batch with events was committed. */
  readonly note: () => void
  readonly hasNews: () => boolean
}

/** A recorder for one request. */
export function createRecorder(options: { readonly outbox: boolean }): Recorder {
  let news = false
  const note = () => {
    news = options.outbox
  }
  return { queue: options.outbox ? [insertOutbox] : [], note, hasNews: () => news }
}
