import { expect } from 'vitest'
import { addPhone, adminToken, outcomeOf, readyAccount, setThrottle } from './account.ts'
import { type Fault, HARMLESS } from './fault.ts'
import { rowsOf, type SubjectRows } from './rows.ts'
import { type Answer, startService } from './service.ts'

/*
 * Holds an operation against a fault of the database: it is done whole or not at all.
 */

const LONGEST_ANSWER_MS = 5_000
/** Cases side by side: the database takes only so many calls at once. */
const PORTION = 5

/** A subject of its own behind a service of its own, with two authenticators and a throttle that counted. */
export async function newWorld() {
  const service = startService()
  const account = await readyAccount(service)
  const { backupCodes } = account
  const second = await addPhone(service, account, { backup_code: backupCodes[9] })
  await setThrottle(account.sub, { failures: 2, retryAt: null })
  return { service, ...account, second, admin: await adminToken() }
}

/** See {@link newWorld}. */
export type World = Awaited<ReturnType<typeof newWorld>>

/** What shows that an operation was done, each mark by itself: all of them hold or none does. */
export type Marks = (before: SubjectRows, after: SubjectRows, world: World) => Readonly<Record<string, boolean>>

const generation = ({ subject }: SubjectRows) => Number(subject[0]?.['generation'])
/** The generation is one higher. */
export const raised: Marks = (before, after) => ({ generation: generation(after) === generation(before) + 1 })
/** There is an event of that type. */
export const recorded =
  (type: string): Marks =>
  (_, after) => ({ event: after.event.some((row) => row['type'] === type) })
/** The failures are forgotten. */
export const cleared: Marks = (_, after) => ({ throttle: after.subject[0]?.['failures'] === 0 })
/** The kept answer of `verify` is deleted. */
export const repeatGone: Marks = (_, after) => ({ repeat: after.verify_repeat.length === 0 })
/** MFA is off. */
export const off: Marks = (_, after) => ({
  authenticators: after.authenticator.length === 0,
  codes: after.backup_code.length === 0,
  enabled: after.subject[0]?.['enabled_at'] === null,
})
/** The proof is used up, where its row is still there to tell. */
export const used: Marks = (before, after) => ({
  proof:
    after.event.length > before.event.length ||
    stepsIn(after) > stepsIn(before) ||
    usedCodes(after) > usedCodes(before),
})
const stepsIn = ({ authenticator }: SubjectRows) =>
  authenticator.reduce((sum, row) => sum + Number(row['last_step'] ?? 0), 0)
const usedCodes = ({ backup_code }: SubjectRows) => backup_code.filter((row) => row['used_at'] !== null).length
/** All of these marks. */
export const all =
  (...marks: readonly Marks[]): Marks =>
  (...args) =>
    Object.assign({}, ...marks.map((each) => each(...args)))

/** Asks under a fault; answers what came of it, once it is sure that this was well-formed and in time. */
export async function askUnderFault(world: World, options: { call: number; fault: Fault; ask: () => Promise<Answer> }) {
  const { call, fault, ask } = options
  const before = await rowsOf(world.sub)
  await world.service.plan({ [call]: fault })
  const startedAt = performance.now()
  const answer = await ask()
  expect(performance.now() - startedAt).toBeLessThan(LONGEST_ANSWER_MS)
  await world.service.plan({})
  expect(outcomeOf(answer)).toBe(HARMLESS.includes(fault) ? '200' : '503 unavailable')
  if (answer.status === 503) {
    expect(answer.headers.get('Content-Type')).toBe('application/problem+json')
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(answer.text).not.toMatch(/sqlite|libsql|planted|hrana/i)
  }
  return { before, after: await rowsOf(world.sub), answer }
}

/** Whether it was done; fails where it was done by half. */
export function wasDone(marks: Readonly<Record<string, boolean>>): boolean {
  const held = Object.values(marks)
  expect(marks).toEqual(Object.fromEntries(Object.keys(marks).map((name) => [name, held[0]])))
  return held[0] === true
}

/** Walks through the cases, some side by side. Calls that hang wait for their deadline: all of those wait at once. */
export async function inPortions<Case>(
  cases: readonly Case[],
  options: { readonly fault: Fault; readonly walk: (each: Case) => Promise<void> },
): Promise<void> {
  const portion = options.fault === 'hang' ? cases.length : PORTION
  for (let from = 0; from < cases.length; from += portion) {
    await Promise.all(cases.slice(from, from + portion).map(options.walk))
  }
}
