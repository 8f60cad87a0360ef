import type { BareService } from '../../scripts/lib/bare-service.ts'
import { act, must, on, onAndPending, type Scene, tokenFor, withAuthenticators } from './scenes.ts'
import { administer, challenge, REASON, type Step } from './steps.ts'

const OFF = '409 mfa-not-enabled'
const WRONG = '400 invalid-code'
const LACKING = '403 proof-required'
const NONE = '404 not-found'
const NO_SCOPE = '403 insufficient-scope'

/** What a wrong code leaves: it is counted, in a row and since the last challenge. */
const COUNTED = ['subject.failed_attempts', 'subject.failures']

const remove = ({ ids }: Scene) => `POST …/authenticators/${ids[0]}/remove`
const EMPTY = () => ({})
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
