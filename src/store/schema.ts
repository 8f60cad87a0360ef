import { sql } from 'drizzle-orm'
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'

/*
 * The tables, from which drizzle-kit generates the migrations. Times are milliseconds since the epoch. Rows belong to a
 * subject by its integer id, which never leaves the database. A batch finds that id only through its claim: claim.ts.
 */

/** A user who called `setup` at least once. The row is kept when MFA is turned off. */
export const subject = sqliteTable(
  'subject',
  {
    id: integer().primaryKey(),
    issuer: text().notNull(),
    sub: text().notNull(),
    createdAt: integer('created_at').notNull(),
    /** When MFA was turned on; null when it is off. */
    enabledAt: integer('enabled_at'),
    /** Incremented by every change of the factors, which voids earlier pending secrets. Never reset. */
    generation: integer().notNull().default(0),
    /** The sequence number of the subject's last event. Numbers may be skipped. */
    eventSequence: integer('event_sequence').notNull().default(0),
    /** Wrong TOTP codes in a row. */
    failures: integer().notNull().default(0),
    /** Wrong TOTP codes since the last successful challenge. */
    failedAttempts: integer('failed_attempts').notNull().default(0),
    /** When the next TOTP code may be evaluated; null without a wait. */
    retryAt: integer('retry_at'),
    /** When an administrator last cleared the throttle. */
    unlockedAt: integer('unlocked_at'),
    /** The random UUID of the last batch that claimed this subject. */
    claim: text(),
  },
  (table) => [uniqueIndex('subject_issuer_sub').on(table.issuer, table.sub)],
)

/** A TOTP secret: `pending` until its first valid code, then `active`. */
export const authenticator = sqliteTable(
  'authenticator',
  {
    subjectId: integer('subject_id').notNull(),
    /** A UUID, which clients see. */
    id: text().notNull(),
    state: text({ enum: ['pending', 'active'] }).notNull(),
    name: text().notNull(),
    /** The envelope of the secret, bound to issuer, sub, id and the three TOTP parameters. */
    sealed: text().notNull(),
    /** The current master key of the envelope. `key_use` records earlier ones. */
    keyId: text('key_id').notNull(),
    algorithm: text({ enum: ['SHA1', 'SHA256', 'SHA512'] }).notNull(),
    digits: integer().notNull(),
    stepSeconds: integer('step_seconds').notNull(),
    createdAt: integer('created_at').notNull(),
    /** Pending: when it expires. */
    expiresAt: integer('expires_at'),
    /** Pending: the generation of the subject when it was created. */
    generation: integer(),
    /** Pending: a JSON array of `{ step, codeHash }`, one for each attempt. */
    attempts: text().notNull().default('[]'),
    /** Active: the last accepted time step. It never decreases. */
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
    /** The master key from which the HMAC key is derived. */
    keyId: text('key_id').notNull(),
    createdAt: integer('created_at').notNull(),
    usedAt: integer('used_at'),
    /** When `backup_codes.void` was appended because its key is not in the ring. */
    voidedAt: integer('voided_at'),
  },
  (table) => [
    primaryKey({ columns: [table.subjectId, table.hash] }),
    index('backup_code_key').on(table.keyId).where(sql`used_at IS NULL AND voided_at IS NULL`),
  ],
)

/** The response of the last `verify`, kept for two minutes in case it was lost. */
export const verifyRepeat = sqliteTable(
  'verify_repeat',
  {
    subjectId: integer('subject_id').primaryKey(),
    /** The envelope of the backup codes. Opening it takes the access token. */
    sealed: text().notNull(),
    /** A keyed hash of the access token and the code of that request. */
    mark: text().notNull(),
    expiresAt: integer('expires_at').notNull(),
    /** Attempts that were not a matching repeat. */
    attempts: integer().notNull().default(0),
  },
  (table) => [index('verify_repeat_expiry').on(table.expiresAt)],
)

/** An event. Events are append-only and deleted after the retention time. */
export const event = sqliteTable(
  'event',
  {
    subjectId: integer('subject_id').notNull(),
    sequence: integer().notNull(),
    /** A UUID, the same in every delivery. */
    id: text().notNull(),
    type: text().notNull(),
    at: integer().notNull(),
    authenticatorId: text('authenticator_id'),
    factor: text({ enum: ['otp', 'backup_code'] }),
    requestId: text('request_id').notNull(),
    country: text(),
    /** The administrator who made the change, as JSON of `[issuer, sub]`; null when it was not an administrator. */
    administrator: text(),
    reason: text(),
    /** The `sub` of the service that acted for the subject; null when the subject did. */
    service: text(),
    /** For a successful challenge: the wrong TOTP codes before it. */
    failedAttempts: integer('failed_attempts'),
  },
  (table) => [primaryKey({ columns: [table.subjectId, table.sequence] }), index('event_at').on(table.at)],
)

/** Which subjects had data sealed or hashed under a master key. Kept after the data, in case the key leaks later. */
export const keyUse = sqliteTable(
  'key_use',
  { keyId: text('key_id').notNull(), subjectId: integer('subject_id').notNull() },
  (table) => [primaryKey({ columns: [table.keyId, table.subjectId] })],
)

/** An event that is not delivered yet. */
export const outbox = sqliteTable(
  'outbox',
  {
    /** The id of the event, sent as `webhook-id` with every attempt. */
    eventId: text('event_id').primaryKey(),
    subjectId: integer('subject_id').notNull(),
    sequence: integer().notNull(),
    createdAt: integer('created_at').notNull(),
    /** Failed attempts. */
    attempts: integer().notNull().default(0),
    /** When the next attempt is due. A lease moves it ahead. Null after the delivery was given up. */
    nextAt: integer('next_at'),
    /** The random UUID of the run that leases the delivery. */
    lease: text(),
  },
  (table) => [index('outbox_next').on(table.nextAt)],
)

/** One row while deliveries are paused because the receiver responded 410. */
export const webhookPause = sqliteTable('webhook_pause', {
  id: integer().primaryKey(),
  pausedAt: integer('paused_at').notNull(),
})
