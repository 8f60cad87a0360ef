import { codeAt, stepAt } from './codes.ts'
import { type Proof, type State, throttleOf } from './state.ts'

const STEP_MS = 30_000
const HOUR_MS = 3_600_000

/** The moments at which something ends by itself: just before and just after are where mistakes are. */
export function endings({ pending, repeat, retryAt, unlockedAt, phones }: State): readonly number[] {
  const ends = [
    pending?.expiresAt,
    repeat?.expiresAt,
    retryAt,
    ...(unlockedAt === undefined ? [] : [unlockedAt + 24 * HOUR_MS, unlockedAt - 24 * HOUR_MS]),
    ...phones.map(({ lastStep }) => (lastStep + 2) * STEP_MS),
  ]
  return ends.filter((each) => each !== undefined)
}

/** A proof that the model takes: a fresh code where TOTP is open, or else a backup code; undefined where there is none. */
export function rightProof(state: State): Proof {
  const { now, phones, backupCodes } = state
  const codes = phones.flatMap(({ secret, lastStep }) => {
    const step = [stepAt(now), stepAt(now) - 1, stepAt(now) + 1].find((each) => each > lastStep)
    return step === undefined ? [] : [codeAt(secret, step)]
  })
  const [code] = throttleOf(state) === 'open' ? codes : []
  if (code !== undefined) return { code }
  const [backupCode] = backupCodes
  return backupCode === undefined ? undefined : { backup_code: backupCode }
}
