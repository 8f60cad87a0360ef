import type { ProblemCode } from '../src/core/problems.ts'
import { componentSchemas, referenceTo } from './components.ts'
import { exampleOf } from './example.ts'
import type { Answer, Operation } from './operation.ts'
import { TAGS } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { parametersOf } from './parameters.ts'
import { headersOf, problemExamples, problemResponses, problemSchemas, responseReferences } from './problems.ts'

const INTRODUCTION = `A second factor (TOTP) for any application that already issues bearer tokens.

Every operation under /api takes \`Authorization: Bearer <access token>\` and nothing else. Bodies are JSON objects of 4096 bytes at most; members that an operation does not know are ignored, and a body of no bytes reads as \`{}\`. Every failure is a problem (RFC 9457) with all eight of its members; \`error\` and \`details\` are there for older clients. Every answer carries \`X-Request-Id\`; a UUID that the request sends there is kept.

**Proof**: while MFA is on, the body of a change carries a current \`code\` or a \`backup_code\`, which the operation uses up. Where a path exists, HEAD answers as GET without a body, and OPTIONS answers a page of a configured origin (CORS).`

/** The contract as an OpenAPI 3.1 document. @param version of the service */
export function openApiDocument(version: string) {
  const schemas = componentSchemas()
  return {
    openapi: '3.1.0',
    info: {
      title: 'Edge MFA',
      version,
      summary: 'A second factor for any application that already issues bearer tokens.',
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The service that serves this document.' }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths: pathsOf(schemas),
    components: {
      securitySchemes: {
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'The access token that your issuer gave to the signed-in user. No other credential is accepted.',
        },
      },
      schemas: { ...schemas, ...problemSchemas() },
      responses: problemResponses(OPERATIONS.map(problemsOf)),
      examples: problemExamples(),
    },
  }
}

type Schemas = Readonly<Record<string, object>>

function pathsOf(schemas: Schemas): Readonly<Record<string, Readonly<Record<string, object>>>> {
  const byPath = Object.groupBy(OPERATIONS, ({ path }) => path)
  return Object.fromEntries(
    Object.entries(byPath).map(([path, operations = []]) => [
      path,
      Object.fromEntries(operations.map((operation) => [operation.method, describe(operation, schemas)])),
    ]),
  )
}

function describe(operation: Operation, schemas: Schemas): object {
  const { id, tag, summary, description, access, body } = operation
  const parameters = parametersOf(operation)
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: access === 'anyone' ? [] : scopesOf(access).map((scopes) => ({ accessToken: scopes })),
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: {
        required: body.required,
        content: { 'application/json': { schema: referenceTo(body.schema), example: body.example } },
      },
    }),
    responses: responsesOf(operation, schemas),
  }
}

/** Alternatives: one of the scopes will do. */
function scopesOf(access: Exclude<Operation['access'], 'anyone'>): readonly (readonly string[])[] {
  return access === 'user' ? [[]] : access.map((scope) => [scope])
}

function responsesOf(operation: Operation, schemas: Schemas): Readonly<Record<string, object>> {
  const [status, answer] = answerOf(operation.answer, schemas)
  return { [status]: answer, ...responseReferences(problemsOf(operation)) }
}

function answerOf(answer: Answer, schemas: Schemas): readonly [status: string, response: object] {
  const { description } = answer
  const cacheControl = answer.kind === 'json' ? answer.cacheControl : undefined
  switch (answer.kind) {
    case 'nothing':
      return ['204', { description, headers: headersOf({ cacheControl: 'no-store' }) }]
    case 'page':
      return ['200', { description, headers: headersOf({}), content: { 'text/html': { schema: { type: 'string' } } } }]
    case 'document':
      return [
        '200',
        { description, headers: headersOf({}), content: { 'application/json': { schema: { type: 'object' } } } },
      ]
    case 'json': {
      const schema = referenceTo(answer.schema)
      const example = Object.assign({}, exampleOf(schema, schemas), answer.example)
      const content = { 'application/json': { schema, example } }
      return ['200', { description, headers: headersOf({ cacheControl }), content }]
    }
  }
}

/** Its own problems, and those that come with an access token, the rate limits, a body, and with being there at all. */
function problemsOf({ access, body, problems }: Operation): readonly ProblemCode[] {
  const guarded =
    access === 'anyone' ? [] : (['unauthorized', 'invalid-token', 'too-many-attempts', 'unavailable'] as const)
  const read = body ? (['invalid-request', 'payload-too-large', 'unsupported-media-type'] as const) : []
  return [...new Set<ProblemCode>([...problems, ...guarded, ...read, 'method-not-allowed', 'internal'])]
}
