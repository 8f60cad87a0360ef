import { randomBytes, randomUUID } from 'node:crypto'
import { generateBackupCodes, hashBackupCodes } from '../../src/core/backup-codes.ts'
import { createEnrollment } from '../../src/core/enrollment.ts'
import { createKeyring } from '../../src/core/keyring.ts'
import type { Random } from '../../src/core/random.ts'
import { sealRepeat } from '../../src/core/repeat.ts'
import { openDatabase } from '../../src/store/client.ts'
import { createStore, type Store } from '../../src/store/store.ts'

const random: Random = { bytes: (length) => new Uint8Array(randomBytes(length)), uuid: () => randomUUID() }
const keyring = createKeyring([{ id: 'k20261124-abc123', bytes: random.bytes(32) }])
const ISSUER = 'https://issuer.example.com'
/** Any step: the store compares steps and knows no clock. */
const FIRST_STEP = 59_000_000
const CALL_MS = 60_000

/** A subject of the load, by its number. */
export type Member = { readonly sub: string; readonly authenticatorId: string }

/** Enrolls one subject as three requests would: setup, the charge of verify, its activation. */
export async function enrollOne(url: string): Promise<Member> {
  const store = openStore(url)
  const now = Date.now()
  const subject = { issuer: ISSUER, sub: randomUUID() }
  const names = { name: 'Authenticator', issuer: 'Example', account: subject.sub }
  const { authenticator } = await createEnrollment(subject, { ...names, now, keyring, random })
  if (!(await store.startEnrollment(subject, authenticator))) throw new Error('setup was refused')
  const attempt = { step: FIRST_STEP, codeHash: randomBytes(32).toString('base64url') }
  await store.chargeEnrollment(subject, { attempt, marks: ['none'], now })
  const activation = await activationOf({ subject, authenticatorId: authenticator.id, now })
  const { committed } = await store.activate(subject, { ...activation, context: context() })
  if (!committed) throw new Error('the activation lost')
  return { sub: subject.sub, authenticatorId: authenticator.id }
}

async function activationOf(options: {
  subject: { issuer: string; sub: string }
  authenticatorId: string
  now: number
}) {
  const { subject, authenticatorId, now } = options
  const codes = generateBackupCodes(random)
  const identity = { subject, code: '123456', tokenHash: random.bytes(32) }
  return {
    authenticatorId,
    step: FIRST_STEP,
    operation: 'enable' as const,
    backupCodes: await hashBackupCodes(codes, { subject, keyring }),
    repeat: {
      sealed: await sealRepeat(codes, { identity, keyring, random }),
      mark: randomBytes(32).toString('base64url'),
      expiresAt: now + 120_000,
    },
    events: [{ id: randomUUID(), type: 'mfa.enabled' as const, authenticatorId, factor: 'otp' as const }],
    now,
  }
}

/** Passes one challenge as a request would, in two batches. `round` is how many this subject passed before. */
export async function challengeOne(url: string, options: { member: Member; round: number }): Promise<void> {
  const { member, round } = options
  const store = openStore(url)
  const subject = { issuer: ISSUER, sub: member.sub }
  const now = Date.now()
  const operation = { kind: 'challenge' as const }
  await store.chargeProof({ subject, operation, now })
  const id = member.authenticatorId
  const { committed } = await store.commitProof({
    subject,
    operation,
    consumed: { factor: 'otp', matches: [{ id, step: FIRST_STEP + 1 + round }] },
    events: [{ id: randomUUID(), type: 'challenge.passed', authenticatorId: id, factor: 'otp' }],
    context: context(),
    keyIds: keyring.keyIds,
    now,
  })
  if (!committed) throw new Error('the challenge lost')
}

/** What the cron does once the kept answers of verify are over. */
export async function dropRepeats(url: string, most: number): Promise<void> {
  const later = Date.now() + 3_600_000
  await openStore(url).cleanUp({ now: later, retainedFrom: 0, limit: most })
}

function openStore(url: string): Store {
  const database = openDatabase({ url, authToken: undefined, deadlineAt: Date.now() + CALL_MS })
  return createStore(database, { onQueued: undefined })
}

function context() {
  return { requestId: randomUUID(), country: 'DE', service: null }
}
