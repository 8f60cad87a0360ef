import { createClient, type Row } from '@libsql/client/http'
import type { Fact } from './traffic.ts'

/** What a restored database holds of each subject, in counts. */
export type Backup = { readonly integrity: string; readonly subjects: readonly Row[] }

const SUBJECTS = `
  SELECT sub, enabled_at IS NOT NULL AS enabled, event_sequence AS last_given,
    (SELECT coalesce(max(sequence), 0) FROM event WHERE subject_id = subject.id) AS last_number,
    (SELECT count(*) FROM event WHERE subject_id = subject.id AND type = 'mfa.enabled') AS activations,
    (SELECT count(*) FROM event WHERE subject_id = subject.id AND type = 'challenge.passed') AS challenges,
    (SELECT count(*) FROM event WHERE subject_id = subject.id AND type = 'backup_code.redeemed') AS redemptions,
    (SELECT count(*) FROM authenticator WHERE subject_id = subject.id AND state = 'active') AS active,
    (SELECT count(*) FROM authenticator WHERE subject_id = subject.id AND state = 'pending') AS pending,
    (SELECT count(*) FROM backup_code WHERE subject_id = subject.id) AS codes,
    (SELECT count(*) FROM backup_code WHERE subject_id = subject.id AND used_at IS NOT NULL) AS used_codes,
    (SELECT count(*) FROM key_use WHERE subject_id = subject.id) AS key_uses
  FROM subject ORDER BY id`

/** Reads it. */
export async function readBackup(url: string): Promise<Backup> {
  const client = createClient({ url })
  const [integrity, subjects] = await client.batch(['PRAGMA integrity_check', SUBJECTS], 'read')
  client.close()
  return { integrity: String(integrity?.rows[0]?.[0]), subjects: subjects?.rows ?? [] }
}

/** Subjects of whom one half is there and the other is not: none, if the file is one moment of the database. */
export function looseEnds({ subjects }: Backup): readonly string[] {
  return subjects.filter((row) => !isWhole(row)).map((row) => JSON.stringify(row))
}

function isWhole(row: Row): boolean {
  const isOn = row['enabled'] === 1
  const factors = [row['active'], row['codes'], row['activations']]
  const counts = [
    [row['used_codes'], row['redemptions']],
    [row['key_uses'], 1],
  ]
  return (
    factors.every((count, index) => count === (isOn ? [1, 10, 1][index] : 0)) &&
    counts.every(([one, other]) => one === other) &&
    Number(row['last_number']) <= Number(row['last_given']) &&
    row['pending'] === (isOn ? 0 : 1)
  )
}

/**
 * What the clients know and the file denies: something acknowledged before the backup began that is not in it, something
 * asked after it had ended that is, or a later thing without an earlier one.
 */
export function contradictions(
  { subjects }: Backup,
  known: { readonly facts: readonly Fact[]; readonly beganAt: number; readonly endedAt: number },
): readonly string[] {
  const subs = new Set(known.facts.map(({ sub }) => sub))
  const theirs = subjects.filter((row) => subs.has(String(row['sub'])))
  const left = new Map(theirs.map((row) => [String(row['sub']), countsOf(row)]))
  const isIn = known.facts.map((fact) => {
    const counts = left.get(fact.sub)
    if (!counts || counts[fact.event] === 0) return false
    counts[fact.event] -= 1
    return true
  })
  const held = known.facts.filter((_, index) => isIn[index])
  const missing = known.facts.filter((_, index) => !isIn[index])
  const lastHeld = Math.max(...held.map(({ sentAt }) => sentAt))
  return [
    ...missing.filter(({ answeredAt }) => answeredAt < known.beganAt).map(describe('was acknowledged before')),
    ...held.filter(({ sentAt }) => sentAt > known.endedAt).map(describe('was asked after')),
    ...missing.filter(({ answeredAt }) => answeredAt < lastHeld).map(describe('is missing, and a later one is not')),
    ...[...left].filter(([, counts]) => Object.values(counts).some((count) => count > 0)).map(([sub]) => `${sub} more`),
  ]
}

function countsOf(row: Row): Record<Fact['event'], number> {
  return { 'mfa.enabled': Number(row['activations']), 'challenge.passed': Number(row['challenges']) }
}

function describe(what: string): (fact: Fact) => string {
  return ({ sub, event }) => `${sub} ${event} ${what}`
}
