import * as z from 'zod/mini'
import { actBody } from '../src/http/routes/admin.ts'
import { renameBody } from '../src/http/routes/authenticators.ts'
import { bulkStatusBody } from '../src/http/routes/bulk-status.ts'
import { challengeBody } from '../src/http/routes/challenge.ts'
import { eventsQuery } from '../src/http/routes/events.ts'
import { setupBody } from '../src/http/routes/setup.ts'
import { verifyBody } from '../src/http/routes/verify.ts'
import { NAME_PATTERN, proofBody } from '../src/http/schemas.ts'
import * as answers from './answers.ts'

/*
 * The schemas of bodies, queries and responses as named JSON Schemas. JSON Schema does not see refinements that are
 * functions, so they are repeated here as patterns; a test compares both.
 */

/** The spellings of a code: 6 digits with any spaces and hyphens. */
const CODE_PATTERN = '^[ -]*([0-9][ -]*){6}$'
/** The spellings of a backup code: any letter case, spaces and hyphens; O reads as 0, I and L as 1. */
const BACKUP_CODE_PATTERN = '^[ -]*([0-9A-TV-Za-tv-z][ -]*){24}$'
const REASON_PATTERN = '^[^\\u0000-\\u001F\\u007F-\\u009F\\uD800-\\uDFFF]+$'

/** A body may hold a code or a backup code, not both. */
const ONE_PROOF = { not: { properties: { code: {}, backup_code: {} }, required: ['code', 'backup_code'] } }
const CODE = { properties: { code: {} }, required: ['code'] }
const BACKUP_CODE = { properties: { backup_code: {} }, required: ['backup_code'] }

/** Keywords added to the generated JSON Schemas of bodies and queries. */
const ANNOTATIONS = new Map<unknown, Readonly<Record<string, unknown>>>([
  [
    verifyBody.shape.code,
    {
      description: 'The 6 digits that the authenticator app shows. Spaces and hyphens are ignored.',
      pattern: CODE_PATTERN,
      examples: ['123456', '123 456'],
    },
  ],
  [
    verifyBody.shape.step_up,
    { description: 'Whether to return a step-up token beside the backup codes. Default: false.', default: false },
  ],
  [
    challengeBody.shape.txn.def.innerType,
    {
      description: 'What is being approved, for example a hash; the step-up token carries it (RFC 8417 §2.2).',
      examples: ['payment-4f0c7e0a'],
    },
  ],
  [
    bulkStatusBody.shape.subs,
    { description: 'The `sub` of each user.', minItems: 1, maxItems: 100, examples: [['alice', 'bob']] },
  ],
  [
    proofBody.shape.backup_code.def.innerType,
    {
      description: 'A backup code. Letter case, spaces and hyphens are ignored; O reads as 0, I and L as 1.',
      pattern: BACKUP_CODE_PATTERN,
      examples: ['7ZQ4-H2MX-9K3D-VB8T-6RWE-1JNC'],
    },
  ],
  [
    renameBody.shape.name,
    {
      description: 'The name of the authenticator: at least one visible character, and no control characters.',
      minLength: 1,
      maxLength: 64,
      pattern: NAME_PATTERN,
      examples: ['Phone'],
    },
  ],
  [
    actBody.shape.reason,
    {
      description: 'The reason, for the audit log.',
      minLength: 1,
      maxLength: 500,
      pattern: REASON_PATTERN,
      examples: ['Lost phone and backup codes; identity verified by phone.'],
    },
  ],
  [eventsQuery.shape.cursor, { description: 'The `next_cursor` of the previous page.', pattern: '^[1-9][0-9]{0,14}$' }],
  [
    eventsQuery.shape.limit,
    {
      description: 'The maximum number of events on the page, 1 to 100.',
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 20,
    },
  ],
  // Refinements over several members.
  [proofBody, ONE_PROOF],
  [setupBody, ONE_PROOF],
  [challengeBody, { oneOf: [CODE, BACKUP_CODE] }],
])

/** The schemas of request bodies, by their name in the document. */
export const BODIES = {
  SetupBody: setupBody,
  VerifyBody: verifyBody,
  ChallengeBody: challengeBody,
  ProofBody: proofBody,
  RenameBody: renameBody,
  ActBody: actBody,
  BulkStatusBody: bulkStatusBody,
} as const

/** The schemas of responses, by their name in the document. */
export const ANSWERS = {
  Status: answers.status,
  Authenticator: answers.authenticator,
  PendingEnrollment: answers.pendingEnrollment,
  Verification: answers.verification,
  StepUp: answers.stepUp,
  NewBackupCodes: answers.newBackupCodes,
  Done: answers.done,
  EventPage: answers.eventPage,
  AdministratorStatus: answers.administratorStatus,
  BulkStatus: answers.bulkStatus,
  KeySet: answers.keySet,
  Health: answers.health,
} as const

/** Returns a `$ref` to a schema of {@link BODIES} or {@link ANSWERS}. Throws for any other schema. */
export function referenceTo(schema: z.ZodMiniType): { readonly $ref: string } {
  const found = Object.entries({ ...BODIES, ...ANSWERS }).find(([, each]) => each === schema)
  if (!found) throw new Error('the schema has no name in the document')
  return { $ref: uriOf(found[0]) }
}

/** Returns all named schemas as JSON Schema draft 2020-12, the dialect of OpenAPI 3.1. */
export function componentSchemas(): Readonly<Record<string, object>> {
  return { ...namedSchemas(BODIES, 'input'), ...namedSchemas(ANSWERS, 'output') }
}

/** Returns the JSON Schemas of the parameters of a query, by name. */
export function queryMembers(query: z.ZodMiniType): Readonly<Record<string, unknown>> {
  const { properties = {} } = z.toJSONSchema(query, { io: 'input', override: adapt })
  return properties
}

function namedSchemas(
  schemas: Readonly<Record<string, z.ZodMiniType>>,
  io: 'input' | 'output',
): Readonly<Record<string, object>> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id })
  const generated = z.toJSONSchema(registry, { io, uri: uriOf, override: adapt })
  return Object.fromEntries(Object.entries(generated.schemas).map(([id, schema]) => [id, withoutIdentity(schema)]))
}

type Generated = { zodSchema: unknown; jsonSchema: Record<string, unknown> }

/**
 * Allows additional members, since later versions may add some. Removes keywords that say nothing new: the pattern of a
 * `date-time`, and `starts_with`, which is not a format of JSON Schema.
 */
function adapt({ zodSchema, jsonSchema }: Generated): void {
  if (jsonSchema['additionalProperties'] === false) delete jsonSchema['additionalProperties']
  if (jsonSchema['format'] === 'date-time') delete jsonSchema['pattern']
  if (jsonSchema['format'] === 'starts_with') delete jsonSchema['format']
  Object.assign(jsonSchema, ANNOTATIONS.get(zodSchema))
}

function withoutIdentity({ $schema, $id, ...schema }: { $schema?: unknown; $id?: unknown }): object {
  return schema
}

function uriOf(id: string): string {
  return `#/components/schemas/${id}`
}
