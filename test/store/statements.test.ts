import { describe, expect, it } from 'vitest'
import { PENDING_ATTEMPTS, PENDING_MS } from '../../src/core/enrollment.ts'
import { MAX_AUTHENTICATORS, OPERATIONS, type ProvenOperation } from '../../src/core/operations.ts'
import { REPEAT_ATTEMPTS, REPEAT_MS } from '../../src/core/repeat.ts'
import { LONGEST_WAIT_MS, waitAfter } from '../../src/core/throttle.ts'
import { TOTP_PARAMETERS } from '../../src/core/totp.ts'
import type { Store } from '../../src/store/store.ts'
import { openAccount } from '../support/account.ts'
import { useOwnDatabase } from '../support/backend.ts'
import { openDirectly, query, rowsOf, setSubject } from '../support/rows.ts'
import { startService } from '../support/service.ts'
import { openStore, rowsRead, type SentStatement } from '../support/statements.ts'

await useOwnDatabase()

const ISSUER = 'https://issuer.example'
const NOW = 1_800_000_000_000
const OTHER_SUBJECTS = 100_000
/** Far more rows than one subject has, far fewer than there are subjects. */
const MOST_ROWS_READ = 150
const { sub } = await openAccount(startService())
const subject = { issuer: ISSUER, sub }
const authenticatorId = String((await rowsOf(sub)).authenticator[0]?.['id'])
const context = { requestId: 'r', country: null, service: null }
const run = { now: NOW, limit: 10 }
const unproven = { subject, eventId: 'e', context, now: NOW }
const act = { eventId: 'e', administrator: subject, reason: 'r', context, now: NOW }

function newAuthenticator() {
  const moments = { createdAt: NOW, expiresAt: NOW + PENDING_MS }
  return { id: crypto.randomUUID(), name: 'x', sealed: 'x', keyId: 'k1', parameters: TOTP_PARAMETERS, ...moments }
}

const PROVEN: readonly ProvenOperation[] = [
  { kind: 'challenge' },
  { kind: 'setup-another', authenticator: newAuthenticator() },
  { kind: 'regenerate-backup-codes', backupCodes: [{ hash: 'h', keyId: 'k1' }] },
  { kind: 'disable' },
  { kind: 'remove-authenticator', authenticatorId },
]
const CONSUMED = [
  { factor: 'otp', matches: [{ id: authenticatorId, step: 99_999_999_999 }] },
  { factor: 'backup_code', hashes: ['none'] },
] as const
const EVENT = { id: 'e1', type: 'throttle.started', factor: 'otp', authenticatorId: null } as const
const ATTEMPT = { step: 1, codeHash: 'x' }
const SETTLEMENT = { delivered: ['x'], failed: [{ eventId: 'y', nextAt: 1 }], gone: true }
const CHANGES = [{ subjectId: 1, id: 'x', old: 'x', sealed: 'y' }]

/** Each method of the store, once for each batch that it may send. Those that change most come last. */
const CALLS: readonly (readonly [keyof Store, (store: Store) => Promise<unknown>])[] = [
  ['ping', (store) => store.ping()],
  ['readStatus', (store) => store.readStatus(subject, { now: NOW, keyIds: ['k1'] })],
  ['readEnabled', (store) => store.readEnabled({ issuer: ISSUER, subs: [sub, 'nobody'] })],
  ['readEvents', (store) => store.readEvents(subject, { before: 100, limit: 10 })],
  ['renameAuthenticator', (store) => store.renameAuthenticator({ ...unproven, authenticatorId, name: 'x' })],
  ['startEnrollment', (store) => store.startEnrollment(subject, newAuthenticator())],
  ['chargeEnrollment', (store) => store.chargeEnrollment(subject, { attempt: ATTEMPT, marks: ['m'], now: NOW })],
  ['refundEnrollment', (store) => store.refundEnrollment(subject, ATTEMPT)],
  ['confirmRepeat', (store) => store.confirmRepeat(subject, { sealedRepeat: 'x', attempt: ATTEMPT, now: NOW })],
  ...(['enable', 'add-authenticator'] as const).map((operation) => {
    const repeat = { sealed: 'x', mark: 'm', expiresAt: NOW }
    const change = { operation, authenticatorId, step: 1, backupCodes: [], repeat, events: [EVENT], now: NOW, context }
    return ['activate', (store: Store) => store.activate(subject, change)] as const
  }),
  ['cancelEnrollment', (store) => store.cancelEnrollment(unproven)],
  ...PROVEN.map(
    (operation) => ['chargeProof', (store: Store) => store.chargeProof({ subject, operation, now: NOW })] as const,
  ),
  ['refundProof', (store) => store.refundProof({ subject })],
  ['recordThrottle', (store) => store.recordThrottle(subject, { event: EVENT, context, now: NOW })],
  ['unlock', (store) => store.unlock(subject, act)],
  ['leaseDeliveries', (store) => store.leaseDeliveries({ ...run, leasedUntil: NOW + 1 })],
  [
    'settleDeliveries',
    (store) => store.settleDeliveries({ id: 'l', deliveries: [] }, { settlement: SETTLEMENT, now: NOW }),
  ],
  ['measureOutbox', (store) => store.measureOutbox(10)],
  ['readOldSecrets', (store) => store.readOldSecrets({ oldKeyId: 'k0', after: 0, limit: 10 })],
  ['replaceSealed', (store) => store.replaceSealed({ changes: CHANGES, keyId: 'k1' })],
  ['readBackupCodeKeys', (store) => store.readBackupCodeKeys()],
  ['voidBackupCodes', (store) => store.voidBackupCodes({ ...run, keyId: 'k0', requestId: 'r', settledBefore: 1 })],
  ['cleanUp', (store) => store.cleanUp({ ...run, now: 1, retainedFrom: 1 })],
  ...PROVEN.flatMap((operation) =>
    CONSUMED.map((consumed) => {
      const change = { subject, operation, consumed, events: [EVENT], context, keyIds: ['k1'], now: NOW }
      return ['commitProof', (store: Store) => store.commitProof(change)] as const
    }),
  ),
  ['reset', (store) => store.reset(subject, act)],
]

async function sentBy(call: (store: Store) => Promise<unknown>): Promise<readonly SentStatement[]> {
  const { store, sent } = openStore({ onQueued: () => undefined })
  await call(store)
  return sent
}

/** Every statement of every method, with its arguments. */
const STATEMENTS: (readonly [string, SentStatement])[] = []
for (const [name, call] of CALLS) {
  const sent = await sentBy(call)
  STATEMENTS.push(...sent.map((each, index) => [`${name} ${index + 1}`, each] as const))
}

/** The steps of a statement's plan. */
async function planOf({ sql, args }: SentStatement): Promise<readonly string[]> {
  const { rows } = await openDirectly().execute({ sql: `EXPLAIN QUERY PLAN ${sql}`, args })
  return rows.map(({ detail }) => String(detail))
}

/** Rows of a JSON argument, the one row of a subquery, and the few key ids found so far are not a table. */
const HARMLESS_SCAN = /VIRTUAL TABLE|CONSTANT ROW|^SCAN (\(|used$|keys$|codes$|waiting$)/

function tableScans(plan: readonly string[]): readonly string[] {
  return plan.filter((step) => step.startsWith('SCAN') && !HARMLESS_SCAN.test(step))
}

describe('every statement of the store', () => {
  it('is among those that are examined here', async () => {
    const { store } = openStore()
    expect(new Set(CALLS.map(([name]) => name))).toEqual(new Set(Object.keys(store)))
    expect(new Set(STATEMENTS.map(([, { sql }]) => sql)).size).toBeGreaterThanOrEqual(60)
  })

  it.each(STATEMENTS)('%s finds its rows by a key', async (_, statement) => {
    const plan = await planOf(statement)
    expect(tableScans(plan)).toEqual([])
    expect(plan.filter((step) => /AUTOMATIC/.test(step))).toEqual([])
    const searched = plan.filter((step) => step.startsWith('SEARCH'))
    expect(searched.filter((step) => !/USING .*(INDEX|PRIMARY KEY)|VIRTUAL TABLE/.test(step))).toEqual([])
  })

  it('would be found to walk through a table', async () => {
    expect(tableScans(await planOf({ sql: "SELECT * FROM authenticator WHERE name = 'x'", args: [] }))).toHaveLength(1)
  })

  it.each(STATEMENTS)('%s holds no undefined value and no constant that is bound', (_, { sql, args }) => {
    expect(sql).not.toContain('undefined')
    expect(sql.split('?').length - 1).toBe(args.length)
  })

  it('reads as little beside 100,000 other subjects', async () => {
    await setSubject(sub, 'event_sequence = 50')
    await loadOtherSubjects(OTHER_SUBJECTS)
    const loaded = await query("SELECT count(*) AS many FROM subject WHERE sub LIKE 'loaded-%'")
    expect(loaded[0]?.['many']).toBe(OTHER_SUBJECTS)
    const distinct = new Map(STATEMENTS.map(([name, statement]) => [statement.sql, { name, statement }]))
    for (const { name, statement } of distinct.values()) {
      const read = await rowsRead(statement)
      expect({ name, many: read > MOST_ROWS_READ }).toEqual({ name, many: false })
    }
    expect(await rowsRead({ sql: 'SELECT count(claim) FROM subject', args: [] })).toBeGreaterThan(MOST_ROWS_READ)
  })
})

/** Loads subjects in portions, so that other writers wait only briefly. */
async function loadOtherSubjects(count: number): Promise<void> {
  const portion = 10_000
  for (let from = 0; from < count; from += portion) {
    await query(
      `WITH RECURSIVE n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?)
       INSERT OR IGNORE INTO subject (issuer, sub, created_at) SELECT ?, 'loaded-' || CAST(i AS INTEGER), 0 FROM n`,
      ...[from, from + portion, ISSUER],
    )
  }
}

describe('the limits of the contract', () => {
  it('are those of core', () => {
    expect({ PENDING_ATTEMPTS, PENDING_MS, REPEAT_ATTEMPTS, REPEAT_MS, MAX_AUTHENTICATORS }).toEqual({
      PENDING_ATTEMPTS: 10,
      PENDING_MS: 600_000,
      REPEAT_ATTEMPTS: 5,
      REPEAT_MS: 120_000,
      MAX_AUTHENTICATORS: 5,
    })
    expect([OPERATIONS.enable.active, OPERATIONS['add-authenticator'].active]).toEqual([
      [0, 0],
      [1, 4],
    ])
  })

  it.each([
    ['chargeEnrollment', /json_array_length\("authenticator"."attempts"\) < 10\b/],
    ['readStatus', /json_array_length\("authenticator"."attempts"\) < 10\b/],
    ['chargeEnrollment', /json_array_length\("authenticator"."attempts"\) >= 10\b/],
    ['chargeEnrollment', /"verify_repeat"."attempts" >= 5\b/],
    ['activate', /"verify_repeat"."attempts" < 5\b/],
  ])('stand as constants in the text of %s', (method, limit) => {
    const texts = STATEMENTS.filter(([name]) => name.startsWith(method)).map(([, { sql }]) => sql)
    expect(texts.some((sql) => limit.test(sql))).toBe(true)
  })
})

describe('a charge', () => {
  const numbers = Array.from({ length: 100 }, (_, index) => index + 1)

  it('starts the wait that core names, for every failure to the hundredth (SP 800-63B-4 §3.2.2)', async () => {
    const account = await openAccount(startService())
    const waits: number[] = []
    for (const failures of numbers) {
      await setSubject(account.sub, `failures = ${failures - 1}, retry_at = NULL`)
      const of = { issuer: ISSUER, sub: account.sub }
      const snapshot = await openStore().store.chargeProof({ subject: of, operation: { kind: 'challenge' }, now: NOW })
      expect(snapshot).toMatchObject({ charged: true, failures })
      waits.push((snapshot.retryAt ?? NOW) - NOW)
    }
    expect(waits).toEqual(numbers.map(waitAfter))
    expect(waits.slice(3, 7)).toEqual([0, 30_000, 60_000, 120_000])
    expect(Math.max(...waits)).toBe(LONGEST_WAIT_MS)
  })

  it.each(PROVEN)('counts nothing for $kind while a wait or the block stands', async (operation) => {
    const account = await openAccount(startService())
    const of = { issuer: ISSUER, sub: account.sub }
    for (const throttle of [`failures = 100, retry_at = NULL`, `failures = 7, retry_at = ${NOW + 1}`]) {
      await setSubject(account.sub, throttle)
      const before = (await rowsOf(account.sub)).subject
      expect(await openStore().store.chargeProof({ subject: of, operation, now: NOW })).toMatchObject({
        charged: false,
      })
      expect((await rowsOf(account.sub)).subject).toEqual(before)
    }
  })

  it('cuts a stored wait to the longest one, and leaves a shorter one alone', async () => {
    const account = await openAccount(startService())
    const of = { issuer: ISSUER, sub: account.sub }
    const clamped = async (retryAt: number) => {
      await setSubject(account.sub, `failures = 7, retry_at = ${retryAt}`)
      return (await openStore().store.chargeProof({ subject: of, operation: { kind: 'challenge' }, now: NOW })).retryAt
    }
    expect(await clamped(NOW + 86_400_000)).toBe(NOW + LONGEST_WAIT_MS)
    expect(await clamped(NOW + 30_000)).toBe(NOW + 30_000)
    expect(await clamped(NOW - 30_000)).toBe(NOW + waitAfter(8))
  })
})
