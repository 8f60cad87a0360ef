import { and, asc, count, eq, inArray, isNull, max, min, sql } from 'drizzle-orm'
import type { Database } from '../../src/store/client.ts'
import { integer, nullableInteger, only, text } from '../../src/store/rows.ts'
import {
  authenticator,
  backupCode,
  event,
  outbox,
  subject,
  verifyRepeat,
  webhookPause,
} from '../../src/store/schema.ts'
import { db, statement } from '../../src/store/statement.ts'
import { countByKey, type KeyCount } from './key-counts.ts'

/* Statements of `npm run doctor`. They only read, the Worker does not run them, and they may scan whole tables. */

const readNames = statement(() => {
  const catalogue = sql`sqlite_master`
  return db
    .select({ name: text(sql`name`) })
    .from(catalogue)
    .where(inArray(sql`type`, ['table', 'index']))
})

/** The table that drizzle-orm's migrator keeps. */
const readMigrations = statement(() => db.select({ hash: text(sql`hash`) }).from(sql`__drizzle_migrations`))

const countIssuers = statement(() =>
  db
    .select({
      issuer: subject.issuer,
      subjects: integer(count()),
      enabled: integer(count(subject.enabledAt)),
    })
    .from(subject)
    .groupBy(subject.issuer)
    .orderBy(asc(subject.issuer)),
)

const countLiveKeys = countByKey({
  secrets: eq(authenticator.state, 'active'),
  backupCodes: and(isNull(backupCode.usedAt), isNull(backupCode.voidedAt)),
})

const readDeliveries = statement(() =>
  db
    .select({
      nextDelivery: nullableInteger(min(outbox.nextAt)),
      waiting: integer(count()),
      givenUp: integer(sql`count(*) FILTER (WHERE ${isNull(outbox.nextAt)})`),
    })
    .from(outbox),
)

const readPause = statement(() =>
  db.select({ pausedAt: nullableInteger(max(webhookPause.pausedAt)) }).from(webhookPause),
)

const readOldestPending = statement(() =>
  db
    .select({ oldestPending: nullableInteger(min(authenticator.expiresAt)) })
    .from(authenticator)
    .where(eq(authenticator.state, 'pending')),
)

const readOldestRepeat = statement(() =>
  db.select({ oldestRepeat: nullableInteger(min(verifyRepeat.expiresAt)) }).from(verifyRepeat),
)

const readNewestEvent = statement(() => db.select({ newestEvent: nullableInteger(max(event.at)) }).from(event))

const readNewestStep = statement(() => {
  const milliseconds = sql`${authenticator.lastStep} * ${authenticator.stepSeconds} * 1000`
  return db.select({ newestStepAt: nullableInteger(max(milliseconds)) }).from(authenticator)
})

/** Subjects of one issuer, and how many of them have MFA on. */
export type IssuerCount = { readonly issuer: string; readonly subjects: number; readonly enabled: number }

/** What the jobs and the clocks left in a database; moments in milliseconds since the epoch, null where there is no row. */
export type Traces = {
  readonly nextDelivery: number | null
  readonly waiting: number
  readonly givenUp: number
  readonly pausedAt: number | null
  readonly oldestPending: number | null
  readonly oldestRepeat: number | null
  readonly newestEvent: number | null
  /** The beginning of the last step that any authenticator accepted. */
  readonly newestStepAt: number | null
}

/** The doctor's view of a database. */
export function inspectionStore(database: Database) {
  return {
    /** The names of all tables and indexes. */
    async readNames(): Promise<ReadonlySet<string>> {
      const { found } = await database.read({ found: readNames({}) })
      return new Set(found.map(({ name }) => name))
    },

    /** The hashes of the migrations that were applied. Their table must exist. */
    async readMigrations(): Promise<readonly string[]> {
      const { found } = await database.read({ found: readMigrations({}) })
      return found.map(({ hash }) => hash)
    },

    /** Subjects by issuer. */
    async countIssuers(): Promise<readonly IssuerCount[]> {
      return (await database.read({ counts: countIssuers({}) })).counts
    },

    /** Active secrets and redeemable backup codes by key id. */
    async countKeys(): Promise<readonly KeyCount[]> {
      return (await database.read({ counts: countLiveKeys({}) })).counts
    },

    /** What the jobs and the clocks left behind. */
    async readTraces(): Promise<Traces> {
      const found = await database.read({
        deliveries: readDeliveries({}),
        pause: readPause({}),
        pending: readOldestPending({}),
        repeat: readOldestRepeat({}),
        event: readNewestEvent({}),
        step: readNewestStep({}),
      })
      return {
        ...only(found.deliveries),
        ...only(found.pause),
        ...only(found.pending),
        ...only(found.repeat),
        ...only(found.event),
        ...only(found.step),
      }
    },
  }
}
