import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/*
 * The tables, from which drizzle-kit makes the migrations. Moments are milliseconds since the epoch. Rows are found by
 * the local integer id of their subject, which never leaves the database; see statements.ts for why it is a guard too.
 */

/** Whoever called `setup` once: the counters that everything else hangs from. The row stays when MFA is turned off. */
export const subject = sqliteTable(
  'subject',
  {
    id: integer().primaryKey(),
    issuer: text().notNull(),
    sub: text().notNull(),
    createdAt: integer('created_at').notNull(),
    /** When MFA was turned on; null while it is off. */
    enabledAt: integer('enabled_at'),
    /** Raised by every change of the factors, never restarted: it voids pending secrets made before. */
    generation: integer().notNull().default(0),
    /** Number of the last event of this subject; numbers may skip. */
    eventSequence: integer('event_sequence').notNull().default(0),
    /** Wrong TOTP codes in a row. */
    failures: integer().notNull().default(0),
    /** Wrong TOTP codes since the last successful challenge. */
    failedAttempts: integer('failed_attempts').notNull().default(0),
    /** Until when TOTP waits; null without a wait. */
    retryAt: integer('retry_at'),
    /** When an administrator last cleared the throttle. */
    unlockedAt: integer('unlocked_at'),
    /** A fresh random UUID of the last batch that won the right to change this subject. */
    claim: text(),
  },
  (table) => [uniqueIndex('subject_issuer_sub').on(table.issuer, table.sub)],
)

/** A TOTP secret, `pending` until its first right code, then `active`. */
export const authenticator = sqliteTable(
  'authenticator',
  {
    subjectId: integer('subject_id').notNull(),
    /** A UUID, known to the client. */
    id: text().notNull(),
    state: text({ enum: ['pending', 'active'] }).notNull(),
    name: text().notNull(),
    /** The secret's envelope, bound to issuer, sub, id and the three parameters below. */
    sealed: text().notNull(),
    /** The master key that the secret is sealed under now; `key_use` keeps the earlier ones. */
    keyId: text('key_id').notNull(),
    algorithm: text({ enum: ['SHA1', 'SHA256', 'SHA512'] }).notNull(),
    digits: integer().notNull(),
    stepSeconds: integer('step_seconds').notNull(),
    createdAt: integer('created_at').notNull(),
    /** Pending: until when. */
    expiresAt: integer('expires_at'),
    /** Pending: the subject's generation that it was made under. */
    generation: integer(),
    /** Pending: a JSON array of `{ step, codeHash }`, one for each code tried. */
    attempts: text().notNull().default('[]'),
    /** Active: the last time step that was accepted; it only grows. */
    lastStep: integer('last_step'),
    lastUsedAt: integer('last_used_at'),
  },
  (table) => [
    primaryKey({ columns: [table.subjectId, table.id] }),
    uniqueIndex('authenticator_pending').on(table.subjectId).where(sql`state = 'pending'`),
    index('authenticator_expiry').on(table.expiresAt).where(sql`state = 'pending'`),
    index('authenticator_key').on(table.keyId),
    check('authenticator_state', sql`state IN ('pending', 'active')`),
  ],
)

/** A one-time backup code, as a keyed hash. */
export const backupCode = sqliteTable(
  'backup_code',
  {
    subjectId: integer('subject_id').notNull(),
    /** HMAC-SHA-256 in base64url. */
    hash: text().notNull(),
    /** The master key behind the hash's pepper. */
    keyId: text('key_id').notNull(),
    createdAt: integer('created_at').notNull(),
    usedAt: integer('used_at'),
    /** When its owner was told that the key behind it is gone. */
    voidedAt: integer('voided_at'),
  },
  (table) => [
    primaryKey({ columns: [table.subjectId, table.hash] }),
    index('backup_code_key').on(table.keyId).where(sql`used_at IS NULL AND voided_at IS NULL`),
  ],
)

/** The answer of the last `verify`, kept for two minutes for the bearer of the same token. */
export const verifyRepeat = sqliteTable(
  'verify_repeat',
  {
    subjectId: integer('subject_id').primaryKey(),
    /** The backup codes' envelope; opening it takes the access token. */
    sealed: text().notNull(),
    /** A keyed hash of the token and the code that it answers. */
    mark: text().notNull(),
    expiresAt: integer('expires_at').notNull(),
    /** Attempts that were not a right repeat. */
    attempts: integer().notNull().default(0),
  },
  (table) => [index('verify_repeat_expiry').on(table.expiresAt)],
)

/** Something that happened; append-only, dropped after the retention time. */
export const event = sqliteTable(
  'event',
  {
    subjectId: integer('subject_id').notNull(),
    sequence: integer().notNull(),
    /** A UUID, the same in every delivery of this event. */
    id: text().notNull(),
    type: text().notNull(),
    at: integer().notNull(),
    authenticatorId: text('authenticator_id'),
    factor: text({ enum: ['otp', 'backup_code'] }),
    requestId: text('request_id').notNull(),
    country: text(),
    /** The administrator behind it, as `[issuer, sub]`; null when it was the subject. */
    administrator: text(),
    reason: text(),
    /** For a successful challenge: the wrong TOTP codes before it. */
    failedAttempts: integer('failed_attempts'),
  },
  (table) => [primaryKey({ columns: [table.subjectId, table.sequence] }), index('event_at').on(table.at)],
)

/** That something of a subject was once sealed or hashed under a master key; outlives it, for the day a key leaks. */
export const keyUse = sqliteTable(
  'key_use',
  { keyId: text('key_id').notNull(), subjectId: integer('subject_id').notNull() },
  (table) => [primaryKey({ columns: [table.keyId, table.subjectId] })],
)

/** An event that its receiver does not have yet. */
export const outbox = sqliteTable(
  'outbox',
  {
    /** The event's id, and the `webhook-id` of every try. */
    eventId: text('event_id').primaryKey(),
    subjectId: integer('subject_id').notNull(),
    sequence: integer().notNull(),
    createdAt: integer('created_at').notNull(),
    /** Tries that failed. */
    attempts: integer().notNull().default(0),
    /** When to try next; in the future while somebody tries. Null once given up. */
    nextAt: integer('next_at'),
    /** A fresh random UUID of whoever tries. */
    lease: text(),
  },
  (table) => [index('outbox_next').on(table.nextAt)],
)

/** One row while the receiver has said that it is gone for good. */
export const webhookPause = sqliteTable('webhook_pause', {
  id: integer().primaryKey(),
  pausedAt: integer('paused_at').notNull(),
})
