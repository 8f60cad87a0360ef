import { challengeBody } from '../src/http/routes/challenge.ts'
import { stepUp } from './answers.ts'
import type { Operation } from './operation.ts'

/** Proving the second factor. */
export const challenge = [
  {
    id: 'challenge',
    method: 'post',
    path: '/api/user/profile/mfa/challenge',
    tag: 'Challenge',
    summary: 'Prove the second factor and get a step-up token',
    description:
      'Takes a current code of an authenticator or a backup code; both work once. The answer holds a signed step-up token for the issuer or the resource server to verify. If the answer is lost the code is used up nevertheless: ask for the next one.',
    access: 'user',
    body: { schema: challengeBody, required: true, example: { code: '123456' } },
    answer: {
      kind: 'json',
      description: 'The proof for other services.',
      schema: stepUp,
      cacheControl: 'no-store',
    },
    problems: ['invalid-code', 'totp-blocked', 'mfa-not-enabled', 'too-many-attempts'],
  },
] as const satisfies readonly Operation[]
