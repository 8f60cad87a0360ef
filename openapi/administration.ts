import { actBody } from '../src/http/routes/admin.ts'
import { bulkStatusBody } from '../src/http/routes/bulk-status.ts'
import { administratorStatus, bulkStatus, done } from './answers.ts'
import type { Operation } from './operation.ts'

const USER = '/api/admin/users/{sub}/mfa'
const EXAMPLE = { reason: 'Lost phone and backup codes; identity verified by phone.' }
const PROBLEMS = ['insufficient-scope', 'self-administration', 'not-found', 'mfa-not-enabled'] as const

/** Operations of administrators on other users of the issuer that signed their access token. */
export const administration = [
  {
    id: 'readUser',
    method: 'get',
    path: USER,
    tag: 'Administration',
    summary: 'Read the status of a user',
    description:
      'Returns the status and the state of the throttle. For an unknown user, the response is that of a user without MFA.',
    access: ['mfa:read', 'mfa:admin'],
    answer: { kind: 'json', description: 'The status.', schema: administratorStatus, cacheControl: 'no-store' },
    problems: ['insufficient-scope', 'self-administration', 'not-found'],
  },
  {
    id: 'readUsers',
    method: 'post',
    path: '/api/admin/users/status',
    tag: 'Administration',
    summary: 'Read which users have MFA on',
    description:
      'Takes up to 100 `sub` values and returns one entry for each, in the same order. An unknown user is not enabled. The body may have 32 KiB.',
    access: ['mfa:read', 'mfa:admin'],
    body: { schema: bulkStatusBody, required: true, example: { subs: ['alice', 'bob'] } },
    answer: { kind: 'json', description: 'The users.', schema: bulkStatus, cacheControl: 'no-store' },
    problems: ['insufficient-scope'],
  },
  {
    id: 'resetUser',
    method: 'post',
    path: `${USER}/reset`,
    tag: 'Administration',
    summary: 'Reset MFA for a user',
    description:
      'Turns MFA off and deletes all secrets and backup codes, for a user who lost every factor. Verify their identity first.',
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
    summary: 'Unlock TOTP for a user',
    description: 'Clears the wait or the block after wrong codes. Allowed once in 24 hours per user.',
    access: ['mfa:admin'],
    body: { schema: actBody, required: true, example: EXAMPLE },
    answer: {
      kind: 'json',
      description: 'The user can enter TOTP codes again.',
      schema: done,
      example: { message: 'TOTP unlocked' },
      cacheControl: 'no-store',
    },
    problems: [...PROBLEMS, 'unlocked-recently'],
  },
] as const satisfies readonly Operation[]
