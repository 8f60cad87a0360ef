import type { ProblemCode } from '../src/core/problems.ts'
import { componentSchemas, referenceTo } from './components.ts'
import { exampleOf } from './example.ts'
import type { Answer, Operation } from './operation.ts'
import { TAGS } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { parametersOf } from './parameters.ts'
import { headersOf, problemExamples, problemResponses, problemSchemas, responseReferences } from './problems.ts'

const INTRODUCTION = `A second factor (TOTP) for any application that already issues bearer tokens.

Every operation under /api requires \`Authorization: Bearer <access token>\` and accepts no other credential. Request bodies are JSON objects of at most 4096 bytes. Unknown members are ignored, and an empty body reads as \`{}\`. Every failure is a problem (RFC 9457) with all eight members; \`error\` and \`details\` exist for older clients. Every response has an \`X-Request-Id\`; a UUID that you send in this header is kept.

**Proof**: while MFA is on, the body of a change must hold a current \`code\` or a \`backup_code\`, and the operation uses it up. On every path, HEAD answers like GET without a body, and OPTIONS answers the preflights of configured origins (CORS).`

/** Returns the contract as an OpenAPI 3.1 document. `version` is that of the service. */
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
          description: 'The access token that your issuer gave to the signed-in user.',
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

/** Each entry is an alternative: the access token needs one of the scopes. */
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

/** The problems of the operation itself, then those of the access token, the rate limits and the body, then the general ones. */
function problemsOf({ access, body, problems }: Operation): readonly ProblemCode[] {
  const guarded =
    access === 'anyone' ? [] : (['unauthorized', 'invalid-token', 'too-many-attempts', 'unavailable'] as const)
  const read = body ? (['invalid-request', 'payload-too-large', 'unsupported-media-type'] as const) : []
  return [...new Set<ProblemCode>([...problems, ...guarded, ...read, 'method-not-allowed', 'internal'])]
}
