import { type Answer, newUser, PROFILE, type Service } from '../../test/support/service.ts'
import { accessToken } from '../../test/support/tokens.ts'
import { newState, type State } from './state.ts'

const DAY_MS = 86_400_000
/** How far a clock is moved, either way. */
const REACH_MS = 5 * DAY_MS
/** Seconds for which a token may be good: for as long as its clock may be moved. */
export const TOKEN_SECONDS = (2 * REACH_MS + DAY_MS) / 1000

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

/** A new subject, and its clock. */
export async function newWorld(service: Service, startedAt: number): Promise<World> {
  // No `iat`: the clock will be set back.
  const claims = { iat: undefined, exp: Math.floor((startedAt + REACH_MS + DAY_MS / 2) / 1000) }
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
export function moveClock({ state, startedAt }: World, now: number): void {
  state.now = Math.min(Math.max(now, startedAt - REACH_MS), startedAt + REACH_MS)
}
