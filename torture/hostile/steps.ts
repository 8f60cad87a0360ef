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
  withAuthenticators,
  withPending,
} from './scenes.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const OFF = '409 mfa-not-enabled'
const WRONG = '400 invalid-code'
const NO_SECRET = '400 no-pending-enrollment'
const LACKING = '403 proof-required'
const NONE = '404 not-found'
const NO_SCOPE = '403 insufficient-scope'

/** What a wrong code leaves: it is counted, in a row and since the last challenge. */
const COUNTED = ['subject.failed_attempts', 'subject.failures']
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

/** A reset by an administrator. */
export const RESET: Omit<Step, 'from' | 'expected'> = {
  operation: ({ sub }) => `POST /api/admin/users/${sub}/mfa/reset`,
  by: 'an administrator',
  body: () => ({ reason: 'x' }),
}

const remove = ({ ids }: Scene) => `POST …/authenticators/${ids[0]}/remove`
const administer =
  (what: string) =>
  ({ sub }: Scene) =>
    `POST /api/admin/users/${sub}/mfa${what}`
const challenge = ({ sub }: Scene) => `POST /api/service/users/${sub}/challenge`
const REASON = () => ({ reason: 'x' })
const EMPTY = () => ({})

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
const bothVerified = (service: BareService) => withAuthenticators(service, 2)

const used = async (service: BareService): Promise<Scene> => {
  const scene = await on(service)
  await must(act(service, 'POST …/challenge', { token: scene.token, body: { backup_code: scene.backupCodes[0] } }))
  return scene
}
const regenerated = async (service: BareService): Promise<Scene> => {
  const scene = await on(service)
  await must(act(service, 'POST …/backup-codes', { token: scene.token, body: { backup_code: scene.backupCodes[9] } }))
  return scene
}
const unlocked = async (service: BareService): Promise<Scene> => {
  const scene = await on(service)
  const token = await tokenFor(service, 'administrator', 'mfa:admin')
  await must(act(service, administer('/unlock')(scene), { token, body: REASON() }))
  return scene
}
const five = (service: BareService) => withAuthenticators(service, 5)
const foreign = async (service: BareService): Promise<Scene> => ({
  ...(await withAuthenticators(service, 2)),
  ids: (await on(service)).ids,
})
const first = ({ backupCodes }: Scene) => ({ backup_code: backupCodes[0] })
const fresh = ({ backupCodes }: Scene) => ({ backup_code: backupCodes[8] })
const read = ({ sub }: Scene) => `GET /api/admin/users/${sub}/mfa`

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

/** What is out of order while MFA is on. */
export const WHILE_ON: readonly (readonly [string, Step])[] = [
  ['a second setup without a proof', { from: on, operation: 'POST …/setup', body: EMPTY, expected: LACKING }],
  ['a third setup without a proof', { from: onAndPending, operation: 'POST …/setup', body: EMPTY, expected: LACKING }],
  ['new codes without a proof', { from: on, operation: 'POST …/backup-codes', body: EMPTY, expected: LACKING }],
  ['a disabling without a proof', { from: on, operation: 'POST …/disable', body: EMPTY, expected: LACKING }],
  ['a removal without a proof', { from: bothVerified, operation: remove, body: EMPTY, expected: LACKING }],
  ['a cancelling after the verification', { from: on, operation: 'DELETE …/setup', expected: '204' }],
  ['a removal of the last one', { from: on, operation: remove, body: fresh, expected: '409 last-authenticator' }],
  ["a removal of another's", { from: foreign, operation: remove, body: fresh, expected: NONE }],
  [
    'a sixth authenticator',
    { from: five, operation: 'POST …/setup', body: fresh, expected: '409 too-many-authenticators' },
  ],
  ['a used backup code', { from: used, operation: 'POST …/challenge', body: first, expected: WRONG }],
  ['a used backup code for new ones', { from: used, operation: 'POST …/backup-codes', body: first, expected: WRONG }],
  ['a used backup code to disable', { from: used, operation: 'POST …/disable', body: first, expected: WRONG }],
  ['a backup code of the old set', { from: regenerated, operation: 'POST …/challenge', body: first, expected: WRONG }],
  [
    'the code of the verification',
    {
      from: on,
      operation: 'POST …/challenge',
      body: ({ code }) => ({ code: code(0) }),
      expected: WRONG,
      changes: COUNTED,
    },
  ],
  [
    'the code of the pending secret',
    {
      from: onAndPending,
      operation: 'POST …/challenge',
      body: ({ pendingCode }) => ({ code: pendingCode(0) }),
      expected: WRONG,
      changes: COUNTED,
    },
  ],
  [
    'a wrong code from a service',
    {
      from: onAndPending,
      operation: challenge,
      by: 'a service',
      body: ({ pendingCode }) => ({ code: pendingCode(0) }),
      expected: WRONG,
      changes: COUNTED,
    },
  ],
  [
    'a used backup code from a service',
    { from: used, operation: challenge, by: 'a service', body: first, expected: WRONG },
  ],
  ['a challenge for the user by the user', { from: on, operation: challenge, body: fresh, expected: NO_SCOPE }],
  [
    'a challenge for the user by an administrator',
    { from: on, operation: challenge, by: 'an administrator', body: fresh, expected: NO_SCOPE },
  ],
  [
    'a challenge for itself by a service',
    { from: on, operation: challenge, by: 'itself as service', body: fresh, expected: '403 self-administration' },
  ],
  [
    'a reset by a service',
    { from: on, operation: administer('/reset'), by: 'a service', body: REASON, expected: NO_SCOPE },
  ],
  [
    'a bulk status by another user',
    {
      from: on,
      operation: 'POST /api/admin/users/status',
      by: 'another',
      body: ({ sub }) => ({ subs: [sub] }),
      expected: NO_SCOPE,
    },
  ],
  [
    'a second unlock',
    {
      from: unlocked,
      operation: administer('/unlock'),
      by: 'an administrator',
      body: REASON,
      expected: '409 unlocked-recently',
    },
  ],
  ['a reset by the user', { from: on, operation: administer('/reset'), body: REASON, expected: NO_SCOPE }],
  [
    'a reset by a reader',
    { from: on, operation: administer('/reset'), by: 'a reader', body: REASON, expected: NO_SCOPE },
  ],
  [
    'an unlock by a reader',
    { from: on, operation: administer('/unlock'), by: 'a reader', body: REASON, expected: NO_SCOPE },
  ],
  ['a look by another user', { from: on, operation: read, by: 'another', expected: NO_SCOPE }],
  [
    'a reset of oneself',
    {
      from: on,
      operation: administer('/reset'),
      by: 'itself as administrator',
      body: REASON,
      expected: '403 self-administration',
    },
  ],
  [
    'an unlock of oneself',
    {
      from: on,
      operation: administer('/unlock'),
      by: 'itself as administrator',
      body: REASON,
      expected: '403 self-administration',
    },
  ],
  [
    'a removal by an administrator',
    { from: bothVerified, operation: remove, by: 'an administrator', body: fresh, expected: OFF },
  ],
  [
    'a renaming by an administrator',
    {
      from: on,
      operation: ({ ids }) => `PATCH …/authenticators/${ids[0]}`,
      by: 'an administrator',
      body: () => ({ name: 'x' }),
      expected: NONE,
    },
  ],
  [
    "a disabling with another's backup code",
    { from: on, operation: 'POST …/disable', by: 'another', body: fresh, expected: WRONG },
  ],
]
