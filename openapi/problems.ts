import { PROBLEMS, type ProblemCode } from '../src/core/problems.ts'
import { BEARER_ERRORS, PROBLEM_TYPE } from '../src/http/problem.ts'
import { exampleProblem, PROBLEM_CODES, PROBLEM_GUIDE } from './problem-guide.ts'

const TEXT = { type: 'string' }

/** The members of every problem (contract, parts A and B; RFC 9457). */
const PROBLEM = {
  type: 'object',
  description: 'A problem (RFC 9457), with two members for older clients.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'error', 'details', 'requestId'],
  properties: {
    type: {
      type: 'string',
      format: 'uri-reference',
      default: 'about:blank',
      description: 'The type of the problem: the URL of a page that explains it.',
    },
    title: { ...TEXT, description: 'A short summary of the problem type.' },
    status: { type: 'integer', format: 'int32', minimum: 100, maximum: 599, description: 'The HTTP status code.' },
    detail: { ...TEXT, description: 'What went wrong in this request, as text for people.' },
    instance: { type: 'string', format: 'uri-reference', description: 'A URI that identifies this occurrence.' },
    error: {
      ...TEXT,
      deprecated: true,
      description: 'The same as `detail`, for older clients. Use `detail`.',
    },
    details: {
      type: 'object',
      additionalProperties: TEXT,
      deprecated: true,
      description: 'A message for each invalid member, for older clients. Use `errors`.',
    },
    requestId: { type: 'string', format: 'uuid', description: 'The same as the `X-Request-Id` header.' },
    errors: {
      type: 'array',
      description: 'The invalid members, if any.',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: {
            type: 'string',
            pattern: '^#/',
            description: 'A JSON pointer into the body (RFC 6901), or `#/` and the name of a query parameter.',
          },
          detail: { ...TEXT, description: 'What is wrong with the member.' },
        },
      },
    },
  },
}

/** Returns the schema of all problems, and one for each problem. */
export function problemSchemas(): Readonly<Record<string, object>> {
  return { Problem: PROBLEM, ...Object.fromEntries(PROBLEM_CODES.map((code) => [nameOf(code), schemaOf(code)])) }
}

/** Returns an example of each problem, by its name. */
export function problemExamples(): Readonly<Record<string, object>> {
  return Object.fromEntries(PROBLEM_CODES.map((code) => [code, { value: exampleProblem(code) }]))
}

/** Returns the responses with these problems by status, as references to {@link problemResponses}. */
export function responseReferences(codes: readonly ProblemCode[]): Readonly<Record<string, { readonly $ref: string }>> {
  return Object.fromEntries(
    groupByStatus(codes).map(([status, same]) => [status, { $ref: `#/components/responses/${keyOf(same)}` }]),
  )
}

/** Returns the problem responses of these operations, without duplicates. */
export function problemResponses(operations: readonly (readonly ProblemCode[])[]): Readonly<Record<string, object>> {
  const groups = operations.flatMap((codes) => groupByStatus(codes))
  return Object.fromEntries(groups.map(([, same]) => [keyOf(same), responseOf(same)]))
}

/** Returns the headers of a response. */
export function headersOf(options: { cacheControl?: string | undefined }): Readonly<Record<string, object>> {
  return {
    'X-Request-Id': header('The ID of the request in the log.', { type: 'string', format: 'uuid' }),
    ...(options.cacheControl && {
      'Cache-Control': header('How long caches may keep the response.', {
        type: 'string',
        const: options.cacheControl,
      }),
    }),
  }
}

function schemaOf(code: ProblemCode): object {
  const { title, status } = PROBLEMS[code]
  const { members = {}, required = [] } = PROBLEM_GUIDE[code]
  return {
    description: PROBLEMS[code].detail,
    allOf: [{ $ref: '#/components/schemas/Problem' }],
    required,
    properties: {
      type: {
        type: 'string',
        pattern: code === 'internal' ? '(/problems/internal|^about:blank)$' : `/problems/${code}$`,
      },
      title: { type: 'string', const: title },
      status: { type: 'integer', const: status },
      ...members,
    },
  }
}

function responseOf(codes: readonly ProblemCode[]): object {
  const references = codes.map((code) => ({ $ref: `#/components/schemas/${nameOf(code)}` }))
  const [only] = references
  return {
    description: codes.map((code) => PROBLEMS[code].title).join(', or: '),
    headers: { ...headersOf({}), ...problemHeaders(codes) },
    content: {
      [PROBLEM_TYPE]: {
        schema: references.length === 1 ? only : { oneOf: references },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  }
}

function problemHeaders(codes: readonly ProblemCode[]): Readonly<Record<string, object>> {
  const challenged = codes.filter((code) => code in BEARER_ERRORS)
  const [status] = codes.map((code) => PROBLEMS[code].status)
  return {
    ...(challenged.length > 0 && {
      'WWW-Authenticate': {
        ...header('Why the access token was rejected (RFC 6750, RFC 9470).', {
          type: 'string',
          pattern: '^Bearer realm="mfa"',
        }),
        required: challenged.length === codes.length,
      },
    }),
    ...((status === 429 || status === 503) && {
      'Retry-After': header('The number of seconds to wait before the next request.', { type: 'integer', minimum: 1 }),
    }),
    ...(status === 405 && { Allow: header('The allowed methods of the path.', { type: 'string' }) }),
  }
}

function header(description: string, schema: object): { description: string; required: boolean; schema: object } {
  return { description, required: true, schema }
}

function groupByStatus(
  codes: readonly ProblemCode[],
): readonly (readonly [status: string, same: readonly ProblemCode[]])[] {
  const inOrder = PROBLEM_CODES.filter((code) => codes.includes(code))
  const byStatus = Object.groupBy(inOrder, (code) => String(PROBLEMS[code].status))
  return Object.entries(byStatus).map(([status, same = []]) => [status, same])
}

/** The name of a response is made of the names of its problems. */
function keyOf(codes: readonly ProblemCode[]): string {
  return codes.join('.')
}

/** The schema of the problem `invalid-code` is `InvalidCodeProblem`. */
function nameOf(code: ProblemCode): string {
  return `${code.replaceAll(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase())}Problem`
}
