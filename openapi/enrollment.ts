import { setupBody } from '../src/http/routes/setup.ts'
import { verifyBody } from '../src/http/routes/verify.ts'
import { pendingEnrollment, verification } from './answers.ts'
import type { Operation } from './operation.ts'

const SETUP = '/api/user/profile/mfa/setup'

/** Turning MFA on, and adding a further authenticator. */
export const enrollment = [
  {
    id: 'setup',
    method: 'post',
    path: SETUP,
    tag: 'Enrollment',
    summary: 'Set up a pending secret',
    description:
      'Hands out a secret that waits ten minutes for its first code; a second call replaces it. While MFA is on this begins a further authenticator and needs a proof, which is used up.',
    access: 'user',
    body: { schema: setupBody, required: false, example: { name: 'Phone' } },
    answer: {
      kind: 'json',
      description: 'A pending secret, as text, as a key URI and as a QR code.',
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
    summary: 'Drop the pending secret',
    description: 'Drops the pending secret, if there is one. Active authenticators are not touched.',
    access: 'user',
    answer: { kind: 'nothing', description: 'There is no pending secret now.' },
    problems: [],
  },
  {
    id: 'verify',
    method: 'post',
    path: '/api/user/profile/mfa/verify',
    tag: 'Enrollment',
    summary: 'Verify the first code and turn MFA on',
    description:
      'Takes a TOTP code against the pending secret of the caller. When it is right, MFA is on, and the one-time backup codes come back. Should that answer be lost, the same request with the same access token within 120 seconds gives the same codes again, unless one was used or MFA changed meanwhile. Members that the body has beside `code` are ignored.',
    access: 'user',
    body: { schema: verifyBody, required: true, example: { code: '123456' } },
    answer: {
      kind: 'json',
      description: 'MFA is on. For a further authenticator the list of backup codes is empty: the present ones stay.',
      schema: verification,
      cacheControl: 'no-store',
    },
    problems: ['invalid-code', 'no-pending-enrollment'],
  },
] as const satisfies readonly Operation[]
