import type { BareService } from '../../scripts/lib/bare-service.ts'
import {
  act,
  disabled,
  must,
  off,
  on,
  onAndPending,
  pending,
  resetByAdministrator,
  type Scene,
  tokenFor,
  withPending,
} from './scenes.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const OFF = '409 mfa-not-enabled'
const WRONG = '400 invalid-code'
const NO_SECRET = '400 no-pending-enrollment'
const NONE = '404 not-found'

/** What a wrong code leaves on a pending secret: it is kept, so that it cannot be tried again. */
const TRIED = ['authenticator.attempts']

/** A step out of order: from where, what is done, how it is answered, and what it changes in the rows, which is nothing unless said. */
export type Step = {
  readonly from: (service: BareService) => Promise<Scene>
  readonly operation: string | ((scene: Scene) => string)
  readonly body?: (scene: Scene) => object
  readonly by?:
    | 'itself'
    | 'an administrator'
    | 'a reader'
    | 'a service'
    | 'another'
    | 'a stranger'
    | 'itself as administrator'
    | 'itself as service'
  readonly expected: string
  readonly changes?: readonly string[]
}

/** The token of whoever takes a step. */
export async function tokenOf(service: BareService, { by = 'itself' }: Step, { sub, token }: Scene): Promise<string> {
  switch (by) {
    case 'itself':
      return token
    case 'another':
      return (await on(service)).token
    case 'a stranger':
      return (await off(service)).token
    case 'a reader':
      return tokenFor(service, 'reader', 'mfa:read')
    case 'a service':
      return tokenFor(service, 'service', 'mfa:challenge')
    case 'an administrator':
      return tokenFor(service, 'administrator', 'mfa:admin')
    case 'itself as administrator':
      return tokenFor(service, sub, 'mfa:admin mfa:read')
    case 'itself as service':
      return tokenFor(service, sub, 'mfa:challenge')
  }
}

/** The states in which MFA is off. */
export const WITHOUT_MFA = { off, pending, disabled, reset: resetByAdministrator }

/** What an administrator does to the subject. */
export const administer =
  (what: string) =>
  ({ sub }: Scene) =>
    `POST /api/admin/users/${sub}/mfa${what}`
/** A challenge by a service that acts for the subject. */
export const challenge = ({ sub }: Scene) => `POST /api/service/users/${sub}/challenge`
/** The body of what an administrator does. */
export const REASON = () => ({ reason: 'x' })
/** A reset by an administrator. */
export const RESET = {
  operation: administer('/reset'),
  by: 'an administrator',
  body: REASON,
} as const satisfies Omit<Step, 'from' | 'expected'>

/** Everything that wants MFA to be on, with whatever proof. */
export const WANTING_MFA: readonly Omit<Step, 'from'>[] = [
  ...['challenge', 'backup-codes', 'disable', `authenticators/${UNKNOWN}/remove`].flatMap((path) => {
    const proofs: readonly ((scene: Scene) => object)[] = [
      ({ pendingCode }) => ({ code: pendingCode(0) }),
      ({ pendingCode }) => ({ code: pendingCode(1) }),
      ({ backupCodes }) => ({ backup_code: backupCodes[1] ?? '0'.repeat(24) }),
    ]
    return proofs.map((body) => ({ operation: `POST …/${path}`, body, expected: OFF }))
  }),
  { operation: challenge, by: 'a service', body: ({ pendingCode }) => ({ code: pendingCode(0) }), expected: OFF },
  { operation: administer('/unlock'), by: 'an administrator', body: REASON, expected: OFF },
  {
    operation: ({ ids }) => `PATCH …/authenticators/${ids[0] ?? UNKNOWN}`,
    body: () => ({ name: 'x' }),
    expected: NONE,
  },
]

const cancelled = async (service: BareService): Promise<Scene> => {
  const scene = await pending(service)
  await must(act(service, 'DELETE …/setup', { token: scene.token }))
  return scene
}
/** The first secret is the pending one no more, and its phone is the one that is asked. */
const replaced = async (service: BareService): Promise<Scene> => {
  const first = await pending(service)
  return { ...(await withPending(service, first)), pendingCode: first.pendingCode }
}
const resetWhilePending = async (service: BareService): Promise<Scene> => resetNow(service, await pending(service))
const afterMore =
  (operation: string) =>
  async (service: BareService): Promise<Scene> => {
    const scene = await onAndPending(service)
    await must(act(service, operation, { token: scene.token, body: { backup_code: scene.backupCodes[1] } }))
    return scene
  }
const resetWithPending = async (service: BareService): Promise<Scene> => resetNow(service, await onAndPending(service))
/** As an administrator left it who reset what there was. */
async function resetNow(service: BareService, scene: Scene): Promise<Scene> {
  const token = await tokenFor(service, 'administrator', 'mfa:admin')
  await must(act(service, administer('/reset')(scene), { token, body: REASON() }))
  return scene
}
/** The states in which a reset finds nothing: neither MFA on, nor a pending secret. */
export const WITHOUT_FACTORS = {
  off,
  cancelled,
  disabled,
  reset: resetByAdministrator,
  'reset while pending': resetWhilePending,
}

/** Codes that are verified when there is nothing that they could verify. */
export const VERIFICATIONS: readonly (readonly [string, Omit<Step, 'operation'>])[] = [
  ['before a setup', { from: off, expected: NO_SECRET }],
  ['after the setup was cancelled', { from: cancelled, expected: NO_SECRET }],
  ['of a secret that another one replaced', { from: replaced, expected: WRONG, changes: TRIED }],
  ['after MFA was disabled', { from: disabled, expected: NO_SECRET }],
  ['after an administrator reset it', { from: resetByAdministrator, expected: NO_SECRET }],
  ['of a secret that a disabling dropped', { from: afterMore('POST …/disable'), expected: NO_SECRET }],
  ['of a secret that new backup codes dropped', { from: afterMore('POST …/backup-codes'), expected: NO_SECRET }],
  ['of a secret that a reset dropped', { from: resetWithPending, expected: NO_SECRET }],
  ['of a first secret that a reset dropped', { from: resetWhilePending, expected: NO_SECRET }],
  ['with the token of another', { from: pending, by: 'a stranger', expected: NO_SECRET }],
]
