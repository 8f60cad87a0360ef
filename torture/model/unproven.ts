import { expect } from 'vitest'
import { expectAnswer } from './answer.ts'
import type { Rename } from './choices.ts'
import { cancelSetup, type Expected } from './state.ts'
import { moment } from './status.ts'
import { ask, type World } from './world.ts'

type Event = {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly authenticator_id: string | null
}

/** Cancels a setup. Without a pending secret, or while MFA is off, that is no event. */
export async function cancel(session: number, world: World): Promise<void> {
  const before = await newestEvent(world)
  expect((await ask(world, 'DELETE /setup', { session })).status).toBe(204)
  const expected = cancelSetup(world.state) ? { type: 'enrollment.cancelled', authenticator_id: null } : before
  await expectNewestEvent(world, { before, expected })
}

/** Renames an authenticator, which is an event; one that is not there is none. */
export async function rename({ which, session }: Rename, world: World): Promise<void> {
  const id = world.state.phones[which]?.id
  const before = await newestEvent(world)
  const answer = await ask(world, `PATCH /authenticators/${id ?? 'nothing'}`, { session, body: { name: 'renamed' } })
  expectAnswer(answer, { outcome: id === undefined ? '404 not-found' : '200' })
  const expected = id === undefined ? before : { type: 'authenticator.renamed', authenticator_id: id }
  await expectNewestEvent(world, { before, expected })
}

/** Fails unless the event of a challenge tells what its answer tells. An event of the backup codes may come after it. */
export async function expectChallengePassed(world: World, { failedAttempts }: Expected): Promise<void> {
  const { body } = await ask(world, 'GET /events?limit=2', { session: 0 })
  const passed = (body['events'] as readonly Event[]).find(({ type }) => type === 'challenge.passed')
  expect(passed).toMatchObject({ at: moment(world.state.now), failed_attempts: failedAttempts })
}

async function newestEvent(world: World): Promise<Event | undefined> {
  const { body } = await ask(world, 'GET /events?limit=1', { session: 0 })
  return (body['events'] as readonly Event[])[0]
}

/** A new event has an id of its own; where none is expected, the newest one is still that of before. */
async function expectNewestEvent(
  world: World,
  { before, expected }: { readonly before: Event | undefined; readonly expected: Partial<Event> | undefined },
): Promise<void> {
  const now = await newestEvent(world)
  if (expected === before) return expect(now).toEqual(before)
  expect(now).toMatchObject({ ...expected, at: moment(world.state.now) })
  expect(now?.id).not.toBe(before?.id)
}
