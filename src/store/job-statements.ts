import { statement } from './database.ts'
import { ONCE, WON_ID } from './statements.ts'

// The outbox

/** Queues the events that this batch appended. */
export const insertOutbox = statement(`
  INSERT INTO outbox (event_id, subject_id, sequence, created_at, next_at)
  SELECT event.id, event.subject_id, event.sequence, :now, :now
  FROM subject JOIN event ON event.subject_id = subject.id AND event.sequence > subject.event_sequence - :eventNumbers
  WHERE subject.id = ${WON_ID} ${ONCE}`)

/** Takes deliveries that are due, for as long as a try may take: nobody else tries them meanwhile. */
export const leaseDue = statement(`
  UPDATE outbox SET lease = :lease, next_at = :leasedUntil
  WHERE event_id IN (SELECT event_id FROM outbox WHERE next_at <= :now ORDER BY next_at LIMIT :limit)
    AND NOT EXISTS (SELECT 1 FROM webhook_pause WHERE id = 1)`)

/** What was taken. */
export const readLeased = statement(`
  SELECT outbox.event_id, outbox.attempts, outbox.created_at, event.type, event.at, event.sequence, event.authenticator_id,
    subject.issuer, subject.sub
  FROM outbox JOIN event ON event.subject_id = outbox.subject_id AND event.sequence = outbox.sequence
    JOIN subject ON subject.id = outbox.subject_id
  WHERE outbox.event_id IN (SELECT event_id FROM outbox WHERE next_at = :leasedUntil AND lease = :lease)`)

/** Deliveries that were made are forgotten. */
export const dropDelivered = statement(`
  DELETE FROM outbox WHERE event_id IN (SELECT value FROM json_each(:delivered)) AND lease = :lease`)

/** Deliveries that failed wait for their next try; without one they are dead letters. */
export const postponeFailed = statement(`
  UPDATE outbox SET attempts = attempts + 1, lease = NULL, next_at = failure.value ->> 'nextAt'
  FROM json_each(:failed) AS failure WHERE outbox.event_id = failure.value ->> 'eventId' AND lease = :lease`)

/** Stops all deliveries until an operator says otherwise. */
export const pauseDeliveries = statement(`
  INSERT OR IGNORE INTO webhook_pause (id, paused_at) SELECT 1, :now WHERE :gone = 1`)

// Cleaning up. Bounded each: what is left waits for the next run.

export const purgePending = statement(`
  DELETE FROM authenticator WHERE rowid IN
    (SELECT rowid FROM authenticator WHERE state = 'pending' AND expires_at <= :now LIMIT :limit)`)

export const purgeRepeats = statement(`
  DELETE FROM verify_repeat WHERE subject_id IN
    (SELECT subject_id FROM verify_repeat WHERE expires_at <= :now LIMIT :limit)`)

/** An event whose delivery still waits stays until it is made or given up. */
export const purgeEvents = statement(`
  DELETE FROM event WHERE rowid IN (
    SELECT rowid FROM event
    WHERE at < :retainedFrom AND NOT EXISTS (SELECT 1 FROM outbox WHERE event_id = event.id) LIMIT :limit)`)

/** Dead letters, and what was queued for a receiver that is configured no more. */
export const purgeOutbox = statement(`
  DELETE FROM outbox WHERE event_id IN (
    SELECT event_id FROM outbox
    WHERE (next_at IS NULL OR next_at < :retainedFrom) AND created_at < :retainedFrom LIMIT :limit)`)

/** How many deliveries wait, counted up to `:most`, and since when the oldest does. */
export const measureOutbox = statement(`
  SELECT count(*) AS waiting, min(created_at) AS oldest
  FROM (SELECT created_at FROM outbox WHERE next_at IS NOT NULL ORDER BY next_at LIMIT :most)`)

// Keys

/** Secrets under one key, from a place on: those that cannot be opened must not hide the others. */
export const readOldSecrets = statement(`
  SELECT authenticator.rowid AS place, subject_id, authenticator.id, sealed, algorithm, digits, step_seconds, issuer, sub
  FROM authenticator JOIN subject ON subject.id = subject_id
  WHERE key_id = :oldKeyId AND authenticator.rowid > :after ORDER BY authenticator.rowid LIMIT :limit`)

/** Puts new envelopes in the place of old ones that are still the same. */
export const replaceSealed = statement(`
  UPDATE authenticator SET sealed = change.value ->> 'sealed', key_id = :keyId
  FROM json_each(:changes) AS change
  WHERE authenticator.subject_id = change.value ->> 'subjectId' AND authenticator.id = change.value ->> 'id'
    AND authenticator.sealed = change.value ->> 'old'`)

/** Remembers that subjects have something under a key. */
export const insertKeyUses = statement(`
  INSERT OR IGNORE INTO key_use (key_id, subject_id) SELECT :keyId, change.value ->> 'subjectId' FROM json_each(:changes) AS change`)

/** The key ids of unused backup codes, each found by one step into the index: as cheap for a million codes as for ten. */
export const readBackupCodeKeys = statement(`
  WITH RECURSIVE used (id) AS (
    SELECT min(key_id) FROM backup_code WHERE used_at IS NULL AND voided_at IS NULL
    UNION ALL
    SELECT (SELECT min(key_id) FROM backup_code WHERE used_at IS NULL AND voided_at IS NULL AND key_id > used.id)
    FROM used WHERE used.id IS NOT NULL)
  SELECT id FROM used WHERE id IS NOT NULL`)

/** A random UUID (RFC 9562 §5.4), for events that a job makes for many subjects at once. */
const RANDOM_UUID = `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2)
    || '-' || substr('89AB', 1 + abs(random() % 4), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`

/*
 * Jobs that tell many subjects something. The set is chosen by a condition that the last statement of the batch ends, so
 * all statements see the same subjects, and a second run at the same time finds none of them.
 */

/** Appends one event for each subject of a set. */
export function tell(subjects: string) {
  return [
    statement(`UPDATE subject SET event_sequence = event_sequence + 1 WHERE id IN (${subjects})`),
    statement(`
  INSERT INTO event (subject_id, sequence, id, type, at, request_id, reason)
  SELECT id, event_sequence, ${RANDOM_UUID}, :eventType, :now, :requestId, :reason FROM subject WHERE id IN (${subjects})`),
  ]
}

/** Queues the event that `tell` appended. */
export function queue(subjects: string) {
  return statement(`
  INSERT INTO outbox (event_id, subject_id, sequence, created_at, next_at)
  SELECT event.id, event.subject_id, event.sequence, :now, :now
  FROM subject JOIN event ON event.subject_id = subject.id AND event.sequence = subject.event_sequence
  WHERE subject.id IN (${subjects})`)
}

/**
 * Owners of the first such codes in the order of their rows, so that a run looks at as few codes however many there are.
 * Ten codes each, as a set has, are enough to find as many owners as a run may tell.
 */
const VOIDED = `SELECT DISTINCT subject_id FROM (
      SELECT subject_id FROM backup_code
      WHERE key_id = :keyId AND used_at IS NULL AND voided_at IS NULL AND created_at < :settledBefore
      ORDER BY rowid LIMIT :limit * 10)
    ORDER BY subject_id LIMIT :limit`

/**
 * Tells owners of unused backup codes that the key behind them is gone. The plus keeps the last statement from looking at
 * all codes of the key in the place of those of the owners.
 */
export const voidBackupCodes = {
  tell: tell(VOIDED),
  queue: queue(VOIDED),
  end: [
    statement(`
  UPDATE backup_code SET voided_at = :now
  WHERE +key_id = :keyId AND used_at IS NULL AND voided_at IS NULL AND created_at < :settledBefore
    AND subject_id IN (${VOIDED})
  RETURNING subject_id`),
  ],
}
