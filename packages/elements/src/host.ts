import type { MfaClient, RequestOptions, Result } from '../../client/src/client.ts'
import type { EdgeMfaEvents } from './events.ts'
import type { Messages } from './messages.ts'
import type { Outcome } from './service.ts'

/** What is on the screen at one moment. It may be built again, for example in another language. */
export type View = () => readonly Node[]

/** What the parts of an element get from it. */
export type Host = {
  readonly texts: Messages
  /** The language that dates are written in (BCP 47). */
  readonly language: string
  /** Aborted when the element goes or starts over. */
  readonly life: AbortSignal
  /** Aborted when the view goes: ends timers and listeners. */
  readonly viewLife: AbortSignal
  /** Shows a view and moves the focus to its heading, unless it is the first one. */
  readonly show: (view: View) => void
  /** Asks the service. A failure is told to the page; `undefined` says that the element has gone meanwhile. */
  readonly ask: <Value>(
    operation: string,
    call: (client: MfaClient, options: RequestOptions) => Promise<Result<Value>>,
  ) => Promise<Outcome<Value> | undefined>
  readonly emit: <Name extends keyof EdgeMfaEvents>(name: Name, detail: EdgeMfaEvents[Name]) => void
  /** Marks the element while backup codes are on it: paper gets nothing else of the page. */
  readonly showsCodes: (shows: boolean) => void
}
