import { signAccessToken } from '../../scripts/lib/token.ts'
import { codeOf, wrongCode } from '../../test/support/phone.ts'
import { type Proof, STEP_MS } from './history.ts'

const LIFETIME_SECONDS = 1_200

/** What the clients of one subject know together. */
export type Account = {
  readonly sub: string
  readonly token: string
  readonly phones: Phone[]
  /** Backup codes that nobody was told are used. */
  codes: string[]
  /** All that were ever handed out. */
  readonly allCodes: string[]
  /** Whether one of them is turning MFA on. */
  isEnrolling: boolean
  /** MFA is on, and nobody was told how to prove it. */
  isLost: boolean
}

/** An authenticator app, and the last step that its code was sent for. */
export type Phone = { readonly secret: string; lastStep: number }

/** A proof, and how it is sent. */
export type SentProof = { readonly proof: Proof; readonly body: object }

/** A subject whom nobody has seen. */
export async function newAccount(settings: Readonly<Record<string, string>>): Promise<Account> {
  const sub = `kill-${crypto.randomUUID()}`
  const token = await signAccessToken(settings, { sub, expiresInSeconds: LIFETIME_SECONDS })
  return { sub, token, phones: [], codes: [], allCodes: [], isEnrolling: false, isLost: false }
}

/** The step of this moment. */
export function presentStep(): number {
  return Math.floor(Date.now() / STEP_MS)
}

/** The code of a step. */
export function stepProof(secret: string, step: number): SentProof {
  return { proof: { kind: 'code', secret, step }, body: { code: codeOf(secret, step * STEP_MS) } }
}

/** A code that is never right. */
export function wrongProof(secret: string): SentProof {
  return { proof: { kind: 'code', secret, step: undefined }, body: { code: wrongCode(secret) } }
}

/** A backup code, used or not. */
export function backupProof(code: string): SentProof {
  return { proof: { kind: 'backup', code }, body: { backup_code: code } }
}

/** The code of the first step in reach that was not tried yet; undefined when the phone has none. */
export function freshProof(account: Account): SentProof | undefined {
  const present = presentStep()
  for (const phone of account.phones.toSorted(() => Math.random() - 0.5)) {
    const step = [present - 1, present, present + 1].find(
      (each) => each > phone.lastStep && isAlone(each, { phone, account }),
    )
    if (step === undefined) continue
    phone.lastStep = step
    return stepProof(phone.secret, step)
  }
  return undefined
}

/** Whether the code of a step is that of no other step and no other phone near it. */
function isAlone(step: number, { phone, account }: { phone: Phone; account: Account }): boolean {
  const code = codeOf(phone.secret, step * STEP_MS)
  const near = [-2, -1, 0, 1, 2].map((distance) => step + distance)
  const same = account.phones.flatMap(({ secret }) => near.filter((each) => codeOf(secret, each * STEP_MS) === code))
  return same.length === 1
}

/** A backup code that nobody was told is used; two clients may well take the same one. */
export function anyBackupProof({ codes }: Account): SentProof | undefined {
  const code = codes[Math.floor(Math.random() * codes.length)]
  return code === undefined ? undefined : backupProof(code)
}
