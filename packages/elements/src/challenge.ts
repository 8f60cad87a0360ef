import { fill, heading, statusBox } from './dom.ts'
import { EdgeMfaElement } from './element.ts'
import type { Host, View } from './host.ts'
import { proofView } from './proof-view.ts'

/** Backup codes at which the person is told to make new ones. */
const FEW_BACKUP_CODES = 3

/** `<edge-mfa-challenge>`: asks for a code or a backup code, and hands the step-up token out in `edge-mfa-verified`. */
export class EdgeMfaChallenge extends EdgeMfaElement {
  protected override start(host: Host): void {
    host.show(askView(host))
  }
}

function askView(host: Host): View {
  return proofView(host, {
    title: 'challengeTitle',
    text: 'challengeText',
    operation: 'challenge',
    call: (client, proof, call) => client.challenge(proof, call),
    done: ({ token, token_type, expires_in, acr, amr, backup_codes_remaining, failed_attempts }) => {
      host.show(doneView(host, { backupCodesLeft: backup_codes_remaining, failedAttempts: failed_attempts }))
      const verified = { token, token_type, expires_in, acr, amr, backup_codes_remaining, failed_attempts }
      host.emit('edge-mfa-verified', verified)
    },
  })
}

function doneView(host: Host, told: { readonly backupCodesLeft: number; readonly failedAttempts: number }): View {
  const { backupCodesLeft, failedAttempts } = told
  return () => {
    const { texts } = host
    const failed = failedAttempts === 1 ? texts.failedAttempt : texts.failedAttempts
    return [
      heading(texts.challengeDone),
      ...(failedAttempts > 0 ? [statusBox(fill(failed, { count: failedAttempts }))] : []),
      ...(backupCodesLeft <= FEW_BACKUP_CODES ? [statusBox(fill(texts.backupLeft, { count: backupCodesLeft }))] : []),
    ]
  }
}
