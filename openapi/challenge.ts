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
] as const satisfies readonly Operation[]
