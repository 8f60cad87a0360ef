import { setupBody } from '../src/http/routes/setup.ts'
import { verifyBody } from '../src/http/routes/verify.ts'
import { pendingEnrollment, verification } from './answers.ts'
import type { Operation } from './operation.ts'

const SETUP = '/api/user/profile/mfa/setup'

/** Turning MFA on and adding further authenticators. */
export const enrollment = [
  {
    id: 'setup',
    method: 'post',
    path: SETUP,
    tag: 'Enrollment',
    summary: 'Create a pending secret',
    description:
      'Returns a secret that waits ten minutes for its first code. A second call replaces it. While MFA is on, the secret is for a further authenticator, and the request needs a proof, which is used up.',
    access: 'user',
    body: { schema: setupBody, required: false, example: { name: 'Phone' } },
    answer: {
      kind: 'json',
      description: 'The pending secret as text, as a key URI and as a QR code.',
      schema: pendingEnrollment,
      cacheControl: 'no-store',
    },
    problems: [
      'invalid-code',
      'insufficient-user-authentication',
      'proof-required',
      'totp-blocked',
      'too-many-authenticators',
      'too-many-attempts',
    ],
  },
  {
    id: 'cancelSetup',
    method: 'delete',
    path: SETUP,
    tag: 'Enrollment',
    summary: 'Delete the pending secret',
    description: 'Deletes the pending secret, if there is one. Active authenticators are not affected.',
    access: 'user',
    answer: { kind: 'nothing', description: 'There is no pending secret.' },
    problems: [],
  },
  {
    id: 'verify',
    method: 'post',
    path: '/api/user/profile/mfa/verify',
    tag: 'Enrollment',
    summary: 'Verify the first code and turn MFA on',
    description:
      'Verifies a TOTP code against the pending secret of the caller, turns MFA on and returns the one-time backup codes. If the response is lost, repeat the request with the same access token within 120 seconds: it returns the same backup codes, unless one was used or MFA was changed. With `step_up: true`, the response also holds a step-up token, since the code proves the factor: a first sign-in needs no second code. Unknown members are ignored.',
    access: 'user',
    body: { schema: verifyBody, required: true, example: { code: '123456' } },
    answer: {
      kind: 'json',
      description:
        'MFA is on. For a further authenticator, the list of backup codes is empty: the current ones stay valid.',
      schema: verification,
      cacheControl: 'no-store',
    },
    problems: ['invalid-code', 'no-pending-enrollment'],
  },
] as const satisfies readonly Operation[]
