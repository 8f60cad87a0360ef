import type { MfaClient, Proof, RequestOptions, Result } from '../../client/src/client.ts'
import { codeForm } from './code-form.ts'
import { codesView } from './codes-view.ts'
import { fill, h, heading } from './dom.ts'
import type { Host, View } from './host.ts'
import type { Messages } from './messages.ts'
import type { Fault } from './service.ts'

/** An operation that a proof authorises. */
export type Proven<Value> = {
  readonly title: keyof Messages
  /** Whose authenticator it is about, for the title. */
  readonly name?: string
  readonly text: keyof Messages
  readonly operation: string
  /** Whether something is lost by it. */
  readonly isDangerous?: boolean
  readonly call: (client: MfaClient, proof: Proof, options: RequestOptions) => Promise<Result<Value>>
  readonly done: (value: Value) => void
  /** Takes over a failure that another code does not cure, and says whether it did. */
  readonly handle?: (fault: Fault) => boolean
  readonly cancel?: () => void
}

/** Says what is going to happen, and asks for the code that it needs. */
export function proofView<Value>(host: Host, options: Proven<Value>): View {
  return () => [
    heading(fill(host.texts[options.title], { name: options.name ?? '' })),
    h('p', {}, host.texts[options.text]),
    codeForm(host, {
      ...options,
      submit: host.texts.confirm,
      takesBackupCodes: true,
      send: async (proof) => {
        const outcome = await host.ask(options.operation, (client, call) => options.call(client, proof, call))
        if (outcome?.ok === true) options.done(outcome.value)
        return outcome
      },
    }),
  ]
}

/** Asks for the code that new backup codes need, and shows them. */
export function renewal(
  host: Host,
  options: Pick<Proven<unknown>, 'handle' | 'cancel'> & { readonly finished: () => void },
): View {
  return proofView(host, {
    ...options,
    title: 'regenerate',
    text: 'regenerateText',
    operation: 'backup-codes',
    call: (client, proof, call) => client.regenerateBackupCodes(proof, call),
    done: ({ backup_codes: codes }) => {
      host.show(codesView(host, { codes, finished: options.finished }))
      host.emit('edge-mfa-changed', { change: 'backup-codes-regenerated' })
    },
  })
}
