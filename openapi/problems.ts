import { PROBLEMS, type ProblemCode } from '../src/core/problems.ts'
import { BEARER_ERRORS, PROBLEM_TYPE } from '../src/http/problem.ts'
import { exampleProblem, PROBLEM_CODES, PROBLEM_GUIDE } from './problem-guide.ts'

const TEXT = { type: 'string' }

/** What every problem has (contract, part A and B; RFC 9457). */
const PROBLEM = {
  type: 'object',
  description: 'A problem in the sense of RFC 9457, with the members that older clients look for.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'error', 'details', 'requestId'],
  properties: {
    type: {
      type: 'string',
      format: 'uri-reference',
      default: 'about:blank',
      description: 'Which kind of problem: the address of a page about it.',
    },
    title: { ...TEXT, description: 'A short summary of that kind.' },
    status: { type: 'integer', format: 'int32', minimum: 100, maximum: 599, description: 'Equals the HTTP status.' },
    detail: { ...TEXT, description: 'What happened this time, for a person.' },
    instance: { type: 'string', format: 'uri-reference', description: 'Names this occurrence.' },
    error: {
      ...TEXT,
      deprecated: true,
      description: 'The same as `detail`, for older clients; it will go once they have moved.',
    },
    details: {
      type: 'object',
      additionalProperties: TEXT,
      deprecated: true,
      description: 'Message for each member at fault, for older clients; it will go once they have moved to `errors`.',
    },
    requestId: { type: 'string', format: 'uuid', description: 'The same as in the header `X-Request-Id`.' },
    errors: {
      type: 'array',
      description: 'The members at fault, where there are any.',
      items: {
        type: 'object',
        required: ['pointer', 'detail'],
        properties: {
          pointer: {
            type: 'string',
            pattern: '^#/',
            description: 'Where in the body (RFC 6901), or `#/` and the name in the query.',
          },
          detail: { ...TEXT, description: 'What is wrong with it.' },
        },
      },
    },
  },
}

/** The schema of problems in general, and of each. */
export function problemSchemas(): Readonly<Record<string, object>> {
  return { Problem: PROBLEM, ...Object.fromEntries(PROBLEM_CODES.map((code) => [nameOf(code), schemaOf(code)])) }
}

/** An example of each problem, by its name. */
export function problemExamples(): Readonly<Record<string, object>> {
  return Object.fromEntries(PROBLEM_CODES.map((code) => [code, { value: exampleProblem(code) }]))
}

/** The responses that these problems make, by status, as references to {@link problemResponses}. */
export function responseReferences(codes: readonly ProblemCode[]): Readonly<Record<string, { readonly $ref: string }>> {
  return Object.fromEntries(
    groupByStatus(codes).map(([status, same]) => [status, { $ref: `#/components/responses/${keyOf(same)}` }]),
  )
}

/** Each response that one of these operations may give with a problem, once. */
export function problemResponses(operations: readonly (readonly ProblemCode[])[]): Readonly<Record<string, object>> {
  const groups = operations.flatMap((codes) => groupByStatus(codes))
  return Object.fromEntries(groups.map(([, same]) => [keyOf(same), responseOf(same)]))
}

/** The headers of an answer. */
export function headersOf(options: { cacheControl?: string | undefined }): Readonly<Record<string, object>> {
  return {
    'X-Request-Id': header('Names this request in the log.', { type: 'string', format: 'uuid' }),
    ...(options.cacheControl && {
      'Cache-Control': header('How long it may be kept.', { type: 'string', const: options.cacheControl }),
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
        ...header('What is wrong with the access token (RFC 6750, RFC 9470).', {
          type: 'string',
          pattern: '^Bearer realm="mfa"',
        }),
        required: challenged.length === codes.length,
      },
    }),
    ...((status === 429 || status === 503) && {
      'Retry-After': header('Seconds until it makes sense to ask again.', { type: 'integer', minimum: 1 }),
    }),
    ...(status === 405 && { Allow: header('The methods that this path takes.', { type: 'string' }) }),
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

/** The name of a response: those of its problems. */
function keyOf(codes: readonly ProblemCode[]): string {
  return codes.join('.')
}

/** `invalid-code` as the name of a schema: `InvalidCodeProblem`. */
function nameOf(code: ProblemCode): string {
  return `${code.replaceAll(/(^|-)([a-z])/g, (_, _dash: string, letter: string) => letter.toUpperCase())}Problem`
}
