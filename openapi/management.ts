import { renameBody } from '../src/http/routes/authenticators.ts'
import { eventsQuery } from '../src/http/routes/events.ts'
import { proofBody } from '../src/http/schemas.ts'
import { authenticator, done, eventPage, newBackupCodes, status } from './answers.ts'
import type { Operation } from './operation.ts'

const PROFILE = '/api/user/profile/mfa'
const PROOF_EXAMPLE = { backup_code: '7ZQ4-H2MX-9K3D-VB8T-6RWE-1JNC' }
const PROOF_PROBLEMS = [
  'invalid-code',
  'proof-required',
  'totp-blocked',
  'mfa-not-enabled',
  'too-many-attempts',
] as const

/** What users do with a second factor that they have. */
export const management = [
  {
    id: 'status',
    method: 'get',
    path: PROFILE,
    tag: 'Management',
    summary: 'Read the status',
    description:
      'What there is of the second factor of the caller. This is also how a client finds out what became of a change whose answer was lost.',
    access: 'user',
    answer: { kind: 'json', description: 'The status.', schema: status, cacheControl: 'no-store' },
    problems: [],
  },
  {
    id: 'regenerateBackupCodes',
    method: 'post',
    path: `${PROFILE}/backup-codes`,
    tag: 'Management',
    summary: 'Regenerate the backup codes',
    description: 'Makes a new set of ten backup codes; the old set is void at once. Needs a proof, which is used up.',
    access: 'user',
    body: { schema: proofBody, required: false, example: { code: '123456' } },
    answer: {
      kind: 'json',
      description: 'The new set.',
      schema: newBackupCodes,
      cacheControl: 'no-store',
    },
    problems: PROOF_PROBLEMS,
  },
  {
    id: 'disable',
    method: 'post',
    path: `${PROFILE}/disable`,
    tag: 'Management',
    summary: 'Turn MFA off',
    description: 'Erases secrets and backup codes; the events stay. Needs a proof, which is used up.',
    access: 'user',
    body: { schema: proofBody, required: false, example: PROOF_EXAMPLE },
    answer: {
      kind: 'json',
      description: 'MFA is off.',
      schema: done,
      example: { message: 'MFA disabled' },
      cacheControl: 'no-store',
    },
    problems: PROOF_PROBLEMS,
  },
  {
    id: 'renameAuthenticator',
    method: 'patch',
    path: `${PROFILE}/authenticators/{id}`,
    tag: 'Management',
    summary: 'Rename an authenticator',
    description: 'Gives an active authenticator of the caller another name.',
    access: 'user',
    body: { schema: renameBody, required: true, example: { name: 'Old phone' } },
    answer: { kind: 'json', description: 'The authenticator.', schema: authenticator, cacheControl: 'no-store' },
    problems: ['not-found'],
  },
  {
    id: 'removeAuthenticator',
    method: 'post',
    path: `${PROFILE}/authenticators/{id}/remove`,
    tag: 'Management',
    summary: 'Remove an authenticator',
    description:
      'Erases one authenticator of the caller, though not the last one: `disable` does that. Needs a proof, which is used up.',
    access: 'user',
    body: { schema: proofBody, required: false, example: PROOF_EXAMPLE },
    answer: {
      kind: 'json',
      description: 'It is gone.',
      schema: done,
      example: { message: 'Authenticator removed' },
      cacheControl: 'no-store',
    },
    problems: [...PROOF_PROBLEMS, 'not-found', 'last-authenticator'],
  },
  {
    id: 'events',
    method: 'get',
    path: `${PROFILE}/events`,
    tag: 'Management',
    summary: 'Read the events',
    description:
      'What happened to the second factor of the caller, newest first. A single wrong code is no event, and an administrator is never named.',
    access: 'user',
    query: eventsQuery,
    answer: { kind: 'json', description: 'A page of events.', schema: eventPage, cacheControl: 'no-store' },
    problems: ['invalid-request'],
  },
] as const satisfies readonly Operation[]
