import type { PendingEnrollment } from '../../client/src/client.ts'
import { codesView } from './codes-view.ts'
import { loadingView } from './common-views.ts'
import type { Host } from './host.ts'
import { scanView } from './scan-view.ts'

type Enrollment = {
  readonly setup: PendingEnrollment
  /** The authenticator works and the backup codes, if there were any, are saved. */
  readonly finished: () => void
  /** The pending secret is gone. */
  readonly expired: () => void
  readonly cancelled: () => void
}

/** How long the service keeps a pending secret; counted here from its arrival, whatever the clock of the device says. */
const PENDING_MS = 10 * 60 * 1000

/** From the new secret to the saved backup codes. The secret and its picture leave the page with their view. */
export function enroll(host: Host, options: Enrollment): void {
  const cancel = async () => {
    host.show(loadingView(host))
    const outcome = await host.ask('cancel-setup', (client, call) => client.cancelSetup(call))
    // What could not be dropped ends by itself after ten minutes.
    if (outcome !== undefined) options.cancelled()
  }
  const verify = async (code: string) => {
    const outcome = await host.ask('verify', (client, call) => client.verify(code, call))
    if (outcome?.ok === true) verified(host, { codes: outcome.value.backup_codes, finished: options.finished })
    return outcome
  }
  const { setup, expired } = options
  const deadline = performance.now() + PENDING_MS
  host.show(scanView(host, { setup, deadline, verify, expired, cancel: () => void cancel() }))
}

function verified(host: Host, options: { readonly codes: readonly string[]; readonly finished: () => void }): void {
  const { codes, finished } = options
  const change = codes.length > 0 ? 'enabled' : 'authenticator-added'
  if (codes.length > 0) host.show(codesView(host, { codes, finished }))
  host.emit('edge-mfa-changed', { change })
  if (codes.length === 0) finished()
}
