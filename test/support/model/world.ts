import { vi } from 'vitest'
import { type Answer, newUser, PROFILE, type Service } from '../service.ts'
import { accessToken } from '../tokens.ts'
import { newState, type State } from './state.ts'

const DAY_SECONDS = 86_400

/** The service and its model side by side, for one new subject. */
export type World = {
  readonly service: Service
  readonly state: State
  readonly sub: string
  /** Of the same subject: two sessions. */
  readonly tokens: readonly [string, string]
  readonly administrator: string
  /** Secrets and backup codes that were handed out, the latest last: what a client may still try. */
  readonly secrets: string[]
  readonly oldBackupCodes: string[]
  readonly startedAt: number
}

/** A new subject. The clock is held, and set back to the real time. */
export async function newWorld(service: Service, startedAt: number): Promise<World> {
  vi.setSystemTime(startedAt)
  // No `iat`: the clock will be set back. Good for as long as the clock may be moved ahead.
  const claims = { iat: undefined, exp: Math.floor(startedAt / 1000) + DAY_SECONDS / 2 }
  const { sub } = await newUser()
  const [one, other, administrator] = await Promise.all([
    accessToken({ sub, ...claims }),
    accessToken({ sub, ...claims }),
    accessToken({ sub: `admin of ${sub}`, scope: 'mfa:admin', ...claims }),
  ])
  const state = newState(startedAt)
  return { service, state, sub, tokens: [one, other], administrator, secrets: [], oldBackupCodes: [], startedAt }
}

/** Calls an operation of the user. */
export function ask(world: World, operation: string, options: { session: number; body?: unknown }): Promise<Answer> {
  const [method, path = ''] = operation.split(' ')
  return world.service.call(`${method} ${PROFILE}${path}`, {
    token: tokenOf(world, options.session),
    body: options.body,
  })
}

/** The token of a session. */
export function tokenOf({ tokens }: World, session: number): string {
  return session === 0 ? tokens[0] : tokens[1]
}

/** Moves the clock, forward or back, and never out of the life of the tokens. */
export function moveClock({ state, startedAt }: World, ms: number): void {
  const reach = (DAY_SECONDS / 2 - 600) * 1000
  state.now = Math.min(Math.max(state.now + ms, startedAt - reach), startedAt + reach)
  vi.setSystemTime(state.now)
}
