import * as z from 'zod/mini'
import { actBody } from '../src/http/routes/admin.ts'
import { renameBody } from '../src/http/routes/authenticators.ts'
import { challengeBody } from '../src/http/routes/challenge.ts'
import { eventsQuery } from '../src/http/routes/events.ts'
import { setupBody } from '../src/http/routes/setup.ts'
import { verifyBody } from '../src/http/routes/verify.ts'
import { NAME_PATTERN, proofBody } from '../src/http/schemas.ts'
import * as answers from './answers.ts'

/*
 * The schemas that validate, and those of the answers, as named JSON Schemas. What a check in code says is said again
 * here as a pattern where JSON Schema can say it; a test compares the two.
 */

/** What accepts a code, in the words of JSON Schema. */
const CODE_PATTERN = '^[ -]*([0-9][ -]*){6}$'
/** Symbols of a backup code in every spelling: letter case, hyphens and spaces do not matter, O is 0, I and L are 1. */
const BACKUP_CODE_PATTERN = '^[ -]*([0-9A-TV-Za-tv-z][ -]*){24}$'
const REASON_PATTERN = '^[^\\u0000-\\u001F\\u007F-\\u009F\\uD800-\\uDFFF]+$'

/** A code and a backup code exclude one another. */
const ONE_PROOF = { not: { properties: { code: {}, backup_code: {} }, required: ['code', 'backup_code'] } }
const CODE = { properties: { code: {} }, required: ['code'] }
const BACKUP_CODE = { properties: { backup_code: {} }, required: ['backup_code'] }

/** What the schemas of bodies and queries leave unsaid. */
const ANNOTATIONS = new Map<unknown, Readonly<Record<string, unknown>>>([
  [
    verifyBody.shape.code,
    {
      description: 'The 6 digits that the authenticator shows; spaces and hyphens do not matter.',
      pattern: CODE_PATTERN,
      examples: ['123456', '123 456'],
    },
  ],
  [
    proofBody.shape.backup_code.def.innerType,
    {
      description: 'A backup code; letter case, spaces and hyphens do not matter, O reads as 0, I and L as 1.',
      pattern: BACKUP_CODE_PATTERN,
      examples: ['7ZQ4-H2MX-9K3D-VB8T-6RWE-1JNC'],
    },
  ],
  [
    renameBody.shape.name,
    {
      description: 'What the owner calls the authenticator: one visible character at least, and no control characters.',
      minLength: 1,
      maxLength: 64,
      pattern: NAME_PATTERN,
      examples: ['Phone'],
    },
  ],
  [
    actBody.shape.reason,
    {
      description: 'Why the administrator acts, for the audit.',
      minLength: 1,
      maxLength: 500,
      pattern: REASON_PATTERN,
      examples: ['Lost phone and codes; identity checked on the phone.'],
    },
  ],
  [eventsQuery.shape.cursor, { description: 'The `next_cursor` of the page before.', pattern: '^[1-9][0-9]{0,14}$' }],
  [
    eventsQuery.shape.limit,
    {
      description: 'How many events a page may hold, 1 to 100.',
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 20,
    },
  ],
  // Which members exclude or need one another: checks that the schemas make in code.
  [proofBody, ONE_PROOF],
  [setupBody, ONE_PROOF],
  [challengeBody, { oneOf: [CODE, BACKUP_CODE] }],
])

/** Bodies by name, as they are sent. */
export const BODIES = {
  SetupBody: setupBody,
  VerifyBody: verifyBody,
  ChallengeBody: challengeBody,
  ProofBody: proofBody,
  RenameBody: renameBody,
  ActBody: actBody,
} as const

/** Answers by name. */
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
  KeySet: answers.keySet,
  Health: answers.health,
} as const

/** The schema as one of the components. Throws for a schema that has no name there. */
export function referenceTo(schema: z.ZodMiniType): { readonly $ref: string } {
  const found = Object.entries({ ...BODIES, ...ANSWERS }).find(([, each]) => each === schema)
  if (!found) throw new Error('a schema of the document has no name')
  return { $ref: uriOf(found[0]) }
}

/** All named schemas, as JSON Schema of the draft that OpenAPI 3.1 takes. */
export function componentSchemas(): Readonly<Record<string, object>> {
  return { ...namedSchemas(BODIES, 'input'), ...namedSchemas(ANSWERS, 'output') }
}

/** The members of a query by name, as JSON Schema. */
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
  const made = z.toJSONSchema(registry, { io, uri: uriOf, override: adapt })
  return Object.fromEntries(Object.entries(made.schemas).map(([id, schema]) => [id, withoutIdentity(schema)]))
}

type Made = { zodSchema: unknown; jsonSchema: Record<string, unknown> }

/**
 * Whoever reads an answer must bear members that a later version adds; a date's format says what its pattern does, and
 * a pattern what zod's own formats do.
 */
function adapt({ zodSchema, jsonSchema }: Made): void {
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
