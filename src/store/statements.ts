import { MAX_AUTHENTICATORS, PENDING_ATTEMPTS } from '../core/enrollment.ts'
import { REPEAT_ATTEMPTS } from '../core/repeat.ts'
import { statement } from './database.ts'

/*
 * The SQL of status, enrollment and events, and what the SQL of proofs, administration and jobs beside it builds on.
 * A batch stops on an error but not on a statement that touches nothing, so the first statement
 * of a batch decides: where its conditions hold, it stamps `:won` into the subject's row. Every later statement finds
 * the subject by that stamp. Where the first one missed there is no such subject, and nothing is touched: the lookup is
 * the guard, and nobody can forget it.
 */

export const SUBJECT = 'issuer = :issuer AND sub = :sub'
export const SUBJECT_ID = `(SELECT id FROM subject WHERE ${SUBJECT})`
export const WON_ID = `(SELECT id FROM subject WHERE ${SUBJECT} AND claim = :won)`

/** Ends an insert of a batch that may arrive twice: the second one finds its own claim, and what it inserted. */
export const ONCE = 'ON CONFLICT DO NOTHING'
export const ACTIVE = `authenticator WHERE subject_id = subject.id AND state = 'active'`

/** Whether the batch won. Answers one row, last of every batch that its first statement guards. */
export const readWon = statement(`SELECT EXISTS (SELECT 1 FROM subject WHERE ${SUBJECT} AND claim = :won) AS won`)

// Status

/** Answers one row, for an unknown subject too: a database that answers none is not to be believed. */
export const readSubject = statement(`
  SELECT max(enabled_at) AS enabled_at, coalesce(max(failures), 0) AS failures, max(retry_at) AS retry_at,
    max(unlocked_at) AS unlocked_at
  FROM subject WHERE ${SUBJECT}`)

export const readAuthenticators = statement(`
  SELECT id, name, created_at, last_used_at FROM authenticator
  WHERE subject_id = ${SUBJECT_ID} AND state = 'active' ORDER BY created_at, id`)

export const readPending = statement(`
  SELECT authenticator.expires_at FROM authenticator JOIN subject ON subject.id = authenticator.subject_id
  WHERE ${SUBJECT} AND state = 'pending' AND authenticator.generation = subject.generation
    AND expires_at > :now AND json_array_length(attempts) < ${PENDING_ATTEMPTS}`)

/** A code whose key has left the ring is void, and counted no more. */
export const countBackupCodes = statement(`
  SELECT count(*) AS total, count(*) FILTER (WHERE used_at IS NULL AND key_id IN (SELECT value FROM json_each(:keyIds))) AS remaining
  FROM backup_code WHERE subject_id = ${SUBJECT_ID}`)

/** Renames an active authenticator. */
export const renameAuthenticator = statement(`
  UPDATE authenticator SET name = :name
  WHERE subject_id = ${SUBJECT_ID} AND id = :authenticatorId AND state = 'active'
  RETURNING id, name, created_at, last_used_at`)

// Setup

/** Wins where MFA is off; makes the subject's row where there is none. */
export const winFirstSetup = statement(`
  INSERT INTO subject (issuer, sub, created_at, claim) VALUES (:issuer, :sub, :now, :won)
  ON CONFLICT (issuer, sub) DO UPDATE SET claim = excluded.claim WHERE NOT EXISTS (SELECT 1 FROM ${ACTIVE})`)

export const dropWonPending = statement(`
  DELETE FROM authenticator WHERE subject_id = ${WON_ID} AND state = 'pending'`)

export const insertPending = statement(`
  INSERT INTO authenticator
    (subject_id, id, state, name, sealed, key_id, algorithm, digits, step_seconds, created_at, expires_at, generation)
  SELECT id, :authenticatorId, 'pending', :name, :sealed, :keyId, :algorithm, :digits, :stepSeconds, :now, :expiresAt, generation
  FROM subject WHERE id = ${WON_ID}`)

/** Remembers under which master keys something of a subject ever was, for the day one of them leaks. */
export const recordKeyUse = statement(`
  INSERT OR IGNORE INTO key_use (key_id, subject_id)
  SELECT key_id, subject_id FROM authenticator WHERE subject_id = ${WON_ID}
  UNION SELECT key_id, subject_id FROM backup_code WHERE subject_id = ${WON_ID}`)

export const dropPending = statement(`
  DELETE FROM authenticator WHERE subject_id = ${SUBJECT_ID} AND state = 'pending'`)

// Verify

export const dropStaleRepeat = statement(`
  DELETE FROM verify_repeat WHERE subject_id = ${SUBJECT_ID} AND (expires_at <= :now OR attempts >= ${REPEAT_ATTEMPTS})`)

/** A right repeat is told by its mark and costs nothing, so that no number of copies erases the answer. */
export const chargeRepeat = statement(`
  UPDATE verify_repeat SET attempts = attempts + (mark NOT IN (SELECT value FROM json_each(:marks)))
  WHERE subject_id = ${SUBJECT_ID} RETURNING sealed`)

export const chargePending = statement(`
  UPDATE authenticator SET attempts = json_insert(attempts, '$[#]', json(:attempt))
  WHERE subject_id = ${SUBJECT_ID} AND state = 'pending' AND json_array_length(attempts) < ${PENDING_ATTEMPTS}
    AND expires_at > :now AND generation = (SELECT generation FROM subject WHERE ${SUBJECT})
  RETURNING id, sealed, algorithm, digits, step_seconds, attempts`)

/** Also why no pending secret was charged. Answers one row, for an unknown subject too. */
export const readEnrollment = statement(`
  SELECT
    (SELECT count(*) FROM authenticator WHERE subject_id = ${SUBJECT_ID} AND state = 'active') AS active,
    (SELECT CASE
        WHEN pending.expires_at <= :now THEN 'expired'
        WHEN json_array_length(pending.attempts) >= ${PENDING_ATTEMPTS} THEN 'exhausted'
        ELSE 'superseded' END
      FROM authenticator AS pending WHERE subject_id = ${SUBJECT_ID} AND state = 'pending') AS fault`)

/** Wins where the pending secret is still the one that was judged, nothing changed since, and there is room for it. */
export const winActivation = statement(`
  UPDATE subject SET claim = :won, generation = generation + 1, event_sequence = event_sequence + :eventNumbers,
    enabled_at = coalesce(enabled_at, :now)
  WHERE ${SUBJECT}
    AND EXISTS (SELECT 1 FROM authenticator AS pending WHERE subject_id = subject.id AND id = :authenticatorId
      AND state = 'pending' AND expires_at > :now AND generation = subject.generation)
    AND (SELECT count(*) FROM ${ACTIVE}) BETWEEN :fewest AND :most`)

/** How many active authenticators an activation may find: none for the first one, else fewer than the limit. */
export const ROOM = { first: { fewest: 0, most: 0 }, further: { fewest: 1, most: MAX_AUTHENTICATORS - 1 } }

export const activatePending = statement(`
  UPDATE authenticator SET state = 'active', last_step = :step, last_used_at = :now,
    expires_at = NULL, generation = NULL, attempts = '[]'
  WHERE subject_id = ${WON_ID} AND id = :authenticatorId`)

export const insertBackupCodes = statement(`
  INSERT INTO backup_code (subject_id, hash, key_id, created_at)
  SELECT subject.id, code.value ->> 'hash', code.value ->> 'keyId', :now
  FROM subject, json_each(:backupCodes) AS code WHERE subject.id = ${WON_ID} ${ONCE}`)

export const keepRepeat = statement(`
  INSERT OR REPLACE INTO verify_repeat (subject_id, sealed, mark, expires_at)
  SELECT id, :sealedRepeat, :repeatMark, :repeatExpiresAt FROM subject WHERE id = ${WON_ID}`)

/** What a request that lost against its own copy may answer instead. */
export const readRepeat = statement(`
  SELECT sealed FROM verify_repeat WHERE subject_id = ${SUBJECT_ID} AND expires_at > :now AND attempts < ${REPEAT_ATTEMPTS}`)

/** Whether the answer of a right repeat is still to be had. Answers one row. */
export const confirmRepeat = statement(`
  SELECT count(*) AS kept FROM verify_repeat
  WHERE subject_id = ${SUBJECT_ID} AND sealed = :sealedRepeat AND expires_at > :now`)

/** Takes the charge of a right repeat back from a pending secret that stood beside it: one, should there be more like it. */
export const refundPending = statement(`
  UPDATE authenticator SET attempts = coalesce(json_remove(attempts,
    '$[' || (SELECT max(key) FROM json_each(attempts) AS attempt WHERE attempt.value = json(:attempt)) || ']'), attempts)
  WHERE subject_id = ${SUBJECT_ID} AND state = 'pending'`)

// Events

/** Appends `:events`; the winning statement has set their numbers aside. */
export const insertEvents = statement(`
  INSERT INTO event (subject_id, sequence, id, type, at, authenticator_id, factor, request_id, country)
  SELECT subject.id, subject.event_sequence - :eventNumbers + 1 + event.key, event.value ->> 'id',
    event.value ->> 'type', :now, event.value ->> 'authenticatorId', event.value ->> 'factor', :requestId, :country
  FROM subject, json_each(:events) AS event WHERE subject.id = ${WON_ID} ${ONCE}`)

/** The events of a subject before a number, newest first. */
export const readEvents = statement(`
  SELECT sequence, id, type, at, authenticator_id, country, administrator IS NOT NULL AS by_administrator
  FROM event WHERE subject_id = ${SUBJECT_ID} AND sequence < :before ORDER BY sequence DESC LIMIT :limit`)

// Health

export const ping = statement('SELECT 1 AS pong')
