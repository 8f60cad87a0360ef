import { challengeBody } from '../src/http/routes/challenge.ts'
import { stepUp } from './answers.ts'
import type { Operation } from './operation.ts'

/** Verifying the second factor for another service. */
export const challenge = [
  {
    id: 'challenge',
    method: 'post',
    path: '/api/user/profile/mfa/challenge',
    tag: 'Challenge',
    summary: 'Verify the second factor and get a step-up token',
    description:
      'Takes a current TOTP code or a backup code; each code works once. Returns a signed step-up token, which the issuer or the resource server verifies. If the response is lost, the code is used up: ask the user for the next one.',
    access: 'user',
    body: { schema: challengeBody, required: true, example: { code: '123456' } },
    answer: {
      kind: 'json',
      description: 'The step-up token.',
      schema: stepUp,
      cacheControl: 'no-store',
    },
    problems: ['invalid-code', 'totp-blocked', 'mfa-not-enabled', 'too-many-attempts'],
  },
  {
    id: 'challengeUser',
    method: 'post',
    path: '/api/service/users/{sub}/challenge',
    tag: 'Challenge',
    summary: 'Verify the second factor of a user, as a backend',
    description:
      'For a backend that holds no access token of the user, such as the issuer at sign-in. Like the challenge of the user, with the same throttle. The step-up token names the backend in `client_id` and claims no first factor. The scope reveals which users have MFA on, and its holder can block the TOTP of any user: grant it to backends only.',
    access: ['mfa:challenge'],
    body: { schema: challengeBody, required: true, example: { code: '123456' } },
    answer: {
      kind: 'json',
      description: 'The step-up token.',
      schema: stepUp,
      example: { acr: 'urn:edge-mfa:acr:factor', amr: ['otp'] },
      cacheControl: 'no-store',
    },
    problems: [
      'insufficient-scope',
      'self-administration',
      'not-found',
      'invalid-code',
      'totp-blocked',
      'mfa-not-enabled',
      'too-many-attempts',
    ],
  },
] as const satisfies readonly Operation[]
