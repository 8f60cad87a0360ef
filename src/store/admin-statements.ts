import { statement } from './database.ts'
import { ACTIVE, ONCE, SUBJECT, SUBJECT_ID, WON_ID } from './statements.ts'

/** Wins where MFA is on. */
export const winReset = statement(`
  UPDATE subject SET claim = :won, generation = generation + 1, failures = 0, retry_at = NULL,
    event_sequence = event_sequence + :eventNumbers
  WHERE ${SUBJECT} AND EXISTS (SELECT 1 FROM ${ACTIVE})`)

/** Wins where MFA is on and the last unlocking is long enough ago. Clears the throttle. */
export const winUnlock = statement(`
  UPDATE subject SET claim = :won, failures = 0, retry_at = NULL, unlocked_at = :now,
    event_sequence = event_sequence + :eventNumbers
  WHERE ${SUBJECT} AND EXISTS (SELECT 1 FROM ${ACTIVE})
    AND (unlocked_at IS NULL OR unlocked_at <= :unlockedBefore OR unlocked_at > :now)`)

/** Whether MFA is on; for a batch that was not won. */
export const readEnabled = statement(`
  SELECT EXISTS (SELECT 1 FROM authenticator WHERE subject_id = ${SUBJECT_ID} AND state = 'active') AS enabled`)

/** Appends the event of an administrator's act. */
export const insertAdminEvent = statement(`
  INSERT INTO event (subject_id, sequence, id, type, at, request_id, country, administrator, reason)
  SELECT id, event_sequence, :eventId, :eventType, :now, :requestId, :country, :administrator, :reason
  FROM subject WHERE id = ${WON_ID} ${ONCE}`)
