import { MAX_AUTHENTICATORS } from '../core/enrollment.ts'
import type { Factor } from '../core/events.ts'
import { LOW_BACKUP_CODES } from '../core/events.ts'
import type { ProvenOperation } from '../core/operations.ts'
import { BLOCKING_FAILURES, DOUBLINGS, FIRST_WAIT_MS, FREE_FAILURES, LONGEST_WAIT_MS } from '../core/throttle.ts'
import { type Statement, statement } from './database.ts'
import {
  ACTIVE,
  dropWonPending,
  insertBackupCodes,
  insertPending,
  ONCE,
  recordKeyUse,
  SUBJECT,
  SUBJECT_ID,
  WON_ID,
} from './statements.ts'

/*
 * What uses a proof up. The winning statement holds every condition: that of the operation, and that the proof is still
 * unused. So a code authorises one thing once, and an operation that cannot be done leaves its proof untouched.
 */

type Kind = ProvenOperation['kind']

/** What must hold of the subject's authenticators; `preconditionFailure` in core says why it does not. */
const PRECONDITIONS = {
  challenge: `EXISTS (SELECT 1 FROM ${ACTIVE})`,
  'add-authenticator': `(SELECT count(*) FROM ${ACTIVE}) BETWEEN 1 AND ${MAX_AUTHENTICATORS - 1}`,
  regenerate: `EXISTS (SELECT 1 FROM ${ACTIVE})`,
  disable: `EXISTS (SELECT 1 FROM ${ACTIVE})`,
  'remove-authenticator': `EXISTS (SELECT 1 FROM ${ACTIVE} AND id = :authenticatorId) AND (SELECT count(*) FROM ${ACTIVE}) > 1`,
} satisfies Record<Kind, string>

/** Operations that change the factors: they raise the generation, and void a pending secret with it. */
const RAISES_GENERATION = {
  challenge: false,
  'add-authenticator': false,
  regenerate: true,
  disable: true,
  'remove-authenticator': true,
} satisfies Record<Kind, boolean>

/** That a proof is unused: each matched step is beyond the last one, or the backup code was never redeemed. */
const UNUSED = {
  otp: `json_array_length(:matches) = (
      SELECT count(*) FROM json_each(:matches) AS matched
      JOIN authenticator ON authenticator.subject_id = subject.id AND authenticator.id = matched.value ->> 'id'
      WHERE state = 'active' AND last_step < matched.value ->> 'step')`,
  backup_code: `EXISTS (SELECT 1 FROM backup_code
      WHERE subject_id = subject.id AND hash IN (SELECT value FROM json_each(:hashes)) AND used_at IS NULL)`,
} satisfies Record<Factor, string>

// Charging

/** A wait that a wrong clock left far ahead is cut to the longest there is. */
export const clampWait = statement(`
  UPDATE subject SET retry_at = :now + ${LONGEST_WAIT_MS} WHERE ${SUBJECT} AND retry_at > :now + ${LONGEST_WAIT_MS}`)

/** Counts a failure before the code is looked at, and starts its wait; `waitAfter` in core says the same. */
export const charge = mapKinds((kind) =>
  statement(`
  UPDATE subject SET failures = failures + 1,
    retry_at = CASE WHEN failures + 1 > ${FREE_FAILURES}
      THEN :now + min(${FIRST_WAIT_MS} << min(failures + 1 - ${FREE_FAILURES + 1}, ${DOUBLINGS}), ${LONGEST_WAIT_MS}) END
  WHERE ${SUBJECT} AND failures < ${BLOCKING_FAILURES} AND (retry_at IS NULL OR retry_at <= :now) AND ${PRECONDITIONS[kind]}
  RETURNING id`),
)

/** Answers one row, for an unknown subject too. */
export const readThrottle = statement(`
  SELECT coalesce(max(failures), 0) AS failures, max(retry_at) AS retry_at,
    (SELECT count(*) FROM authenticator WHERE subject_id = ${SUBJECT_ID} AND state = 'active') AS active
  FROM subject WHERE ${SUBJECT}`)

export const readActive = statement(`
  SELECT id, sealed, algorithm, digits, step_seconds, last_step FROM authenticator
  WHERE subject_id = ${SUBJECT_ID} AND state = 'active' ORDER BY created_at, id`)

// Winning

/** Wins by a proof; a right one also clears the throttle. */
export const win = {
  otp: mapKinds((kind) => winStatement(kind, 'otp')),
  backup_code: mapKinds((kind) => winStatement(kind, 'backup_code')),
} satisfies Record<Factor, Record<Kind, Statement>>

function winStatement(kind: Kind, factor: Factor): Statement {
  return statement(`
  UPDATE subject SET claim = :won, failures = 0, retry_at = NULL, event_sequence = event_sequence + :eventNumbers
    ${RAISES_GENERATION[kind] ? ', generation = generation + 1' : ''}
  WHERE ${SUBJECT} AND ${PRECONDITIONS[kind]} AND ${UNUSED[factor]}`)
}

/** Uses the proof up. The steps of all authenticators that matched advance. */
export const useUp = {
  otp: statement(`
  UPDATE authenticator SET last_used_at = :now,
    last_step = (SELECT matched.value ->> 'step' FROM json_each(:matches) AS matched WHERE matched.value ->> 'id' = authenticator.id)
  WHERE subject_id = ${WON_ID} AND id IN (SELECT matched.value ->> 'id' FROM json_each(:matches) AS matched)`),
  backup_code: statement(`
  UPDATE backup_code SET used_at = :now WHERE subject_id = ${WON_ID} AND hash IN (SELECT value FROM json_each(:hashes))`),
} satisfies Record<Factor, Statement>

// Effects

export const dropRepeat = statement(`DELETE FROM verify_repeat WHERE subject_id = ${WON_ID}`)
const dropBackupCodes = statement(`DELETE FROM backup_code WHERE subject_id = ${WON_ID}`)
const dropAuthenticators = statement(`DELETE FROM authenticator WHERE subject_id = ${WON_ID}`)
const dropAuthenticator = statement(`DELETE FROM authenticator WHERE subject_id = ${WON_ID} AND id = :authenticatorId`)
const turnOff = statement(`UPDATE subject SET enabled_at = NULL WHERE id = ${WON_ID}`)

/** Turns MFA off: nothing of the factors is left, the subject's counters and events are. */
export const turnOffAll = [dropAuthenticators, dropBackupCodes, dropRepeat, turnOff]

/** What each operation writes once it has won. */
export const EFFECTS = {
  challenge: [],
  'add-authenticator': [dropWonPending, insertPending, recordKeyUse],
  regenerate: [dropBackupCodes, insertBackupCodes, recordKeyUse, dropRepeat],
  disable: turnOffAll,
  'remove-authenticator': [dropAuthenticator, dropRepeat],
} satisfies Record<Kind, readonly Statement[]>

/** Tells that few backup codes are left, or none, while MFA is on. Takes the last of the numbers set aside. */
export const insertLowEvent = statement(`
  INSERT INTO event (subject_id, sequence, id, type, at, factor, request_id, country)
  SELECT id, event_sequence, :lowEventId, CASE remaining WHEN 0 THEN 'backup_codes.exhausted' ELSE 'backup_codes.low' END,
    :now, 'backup_code', :requestId, :country
  FROM (
    SELECT id, event_sequence, (SELECT count(*) FROM backup_code WHERE subject_id = subject.id AND used_at IS NULL
      AND key_id IN (SELECT value FROM json_each(:keyIds))) AS remaining
    FROM subject WHERE id = ${WON_ID} AND enabled_at IS NOT NULL)
  WHERE remaining IN (0, ${LOW_BACKUP_CODES}) ${ONCE}`)

/** Wins for the event of a failure that was charged already. */
export const winThrottleEvent = statement(`
  UPDATE subject SET claim = :won, event_sequence = event_sequence + :eventNumbers
  WHERE ${SUBJECT} AND claim IS NOT :won`)

function mapKinds<Value>(make: (kind: Kind) => Value): Record<Kind, Value> {
  return {
    challenge: make('challenge'),
    'add-authenticator': make('add-authenticator'),
    regenerate: make('regenerate'),
    disable: make('disable'),
    'remove-authenticator': make('remove-authenticator'),
  }
}
