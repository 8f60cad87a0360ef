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

/** Operations of users on their own MFA. */
export const management = [
  {
    id: 'status',
    method: 'get',
    path: PROFILE,
    tag: 'Management',
    summary: 'Read the status',
    description:
      'Returns the MFA status of the caller. Also use it to find out whether a change was made when its response was lost.',
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
    description: 'Creates a new set of ten backup codes and voids the previous set. Needs a proof, which is used up.',
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
    description: 'Deletes all secrets and backup codes. The events are kept. Needs a proof, which is used up.',
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
    description: 'Changes the name of an active authenticator of the caller.',
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
      'Deletes one authenticator of the caller. The last one can only be removed with `disable`. Needs a proof, which is used up.',
    access: 'user',
    body: { schema: proofBody, required: false, example: PROOF_EXAMPLE },
    answer: {
      kind: 'json',
      description: 'The authenticator is removed.',
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
    summary: 'List the events',
    description:
      'Returns the events of the caller, newest first. A single wrong code is not an event, and the identity of an administrator is never shown.',
    access: 'user',
    query: eventsQuery,
    answer: { kind: 'json', description: 'A page of events.', schema: eventPage, cacheControl: 'no-store' },
    problems: ['invalid-request'],
  },
] as const satisfies readonly Operation[]
