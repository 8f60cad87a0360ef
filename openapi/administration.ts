import { actBody } from '../src/http/routes/admin.ts'
import { administratorStatus, done } from './answers.ts'
import type { Operation } from './operation.ts'

const USER = '/api/admin/users/{sub}/mfa'
const EXAMPLE = { reason: 'Lost phone and codes; identity checked on the phone.' }
const PROBLEMS = ['insufficient-scope', 'self-administration', 'not-found', 'mfa-not-enabled'] as const

/** What administrators do with the second factor of others, under the issuer of their own access token. */
export const administration = [
  {
    id: 'readUser',
    method: 'get',
    path: USER,
    tag: 'Administration',
    summary: 'Read the status of a user',
    description:
      'The status, and the state of the throttle. A user of whom nothing is known answers as one without MFA.',
    access: ['mfa:read', 'mfa:admin'],
    answer: { kind: 'json', description: 'The status.', schema: administratorStatus, cacheControl: 'no-store' },
    problems: ['insufficient-scope', 'self-administration', 'not-found'],
  },
  {
    id: 'resetUser',
    method: 'post',
    path: `${USER}/reset`,
    tag: 'Administration',
    summary: 'Reset the MFA of a user',
    description: 'Turns MFA off and revokes everything, for a user who lost every factor. Check their identity first.',
    access: ['mfa:admin'],
    body: { schema: actBody, required: true, example: EXAMPLE },
    answer: {
      kind: 'json',
      description: 'MFA is off for this user.',
      schema: done,
      example: { message: 'MFA reset' },
      cacheControl: 'no-store',
    },
    problems: PROBLEMS,
  },
  {
    id: 'unlockUser',
    method: 'post',
    path: `${USER}/unlock`,
    tag: 'Administration',
    summary: 'Unlock the TOTP of a user',
    description: 'Clears the throttle of a user after wrong codes; once in 24 hours for each user.',
    access: ['mfa:admin'],
    body: { schema: actBody, required: true, example: EXAMPLE },
    answer: {
      kind: 'json',
      description: 'Codes are looked at again.',
      schema: done,
      example: { message: 'TOTP unlocked' },
      cacheControl: 'no-store',
    },
    problems: [...PROBLEMS, 'unlocked-recently'],
  },
] as const satisfies readonly Operation[]
