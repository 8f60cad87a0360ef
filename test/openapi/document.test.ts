import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type * as z from 'zod/mini'
import { ANSWERS, BODIES, componentSchemas } from '../../openapi/components.ts'
import { openApiDocument } from '../../openapi/document.ts'
import { OPERATIONS } from '../../openapi/operations.ts'
import { exampleProblem, PROBLEM_CODES } from '../../openapi/problem-guide.ts'
import { createApp } from '../../src/app.ts'
import { expectDocumented, isValid } from '../support/documented.ts'
import { PROFILE, PUBLIC_URL, startService } from '../support/service.ts'

const document = JSON.parse(JSON.stringify(openApiDocument('0.0.0')))
const service = startService()

describe('the document', () => {
  it('describes each route of the Worker, and no other', () => {
    const parts = /^\/$|^\/(assets|elements|page)\//
    const routes = createApp().routes.filter(({ method, path }) => method !== 'ALL' && !parts.test(path))
    const mounted = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:([a-z]+)/g, '{$1}')}`)
    const described = OPERATIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect([...new Set(mounted)].sort()).toEqual(described.sort())
  })

  it('has each operation once, under a name of its own', () => {
    const written = Object.values(document.paths).flatMap((path) => Object.values(Object(path)))
    const names = written.map((operation) => Object(operation).operationId)
    expect(names.sort()).toEqual(OPERATIONS.map(({ id }) => id).sort())
    expect(new Set(names).size).toBe(names.length)
  })

  it.each(PROBLEM_CODES)('has the problem %s as an answer of an operation, with an example that is valid', (code) => {
    const names = Object.keys(document.components.responses).flatMap((key) => key.split('.'))
    expect(names).toContain(code)
    expect(document.components.examples[code].value).toEqual(JSON.parse(JSON.stringify(exampleProblem(code))))
    expect(isValid({ $ref: '#/components/schemas/Problem' }, exampleProblem(code))).toBe(true)
  })

  it('states part A of the contract for verify', () => {
    const { responses, requestBody } = document.paths[`${PROFILE}/verify`].post
    expect(requestBody.content['application/json'].schema).toEqual({ $ref: '#/components/schemas/VerifyBody' })
    expect(responses['200'].content['application/json'].schema).toEqual({ $ref: '#/components/schemas/Verification' })
    expect(document.components.schemas.Verification).toMatchObject({
      required: ['success', 'message', 'backup_codes'],
      properties: {
        success: { type: 'boolean' },
        message: { type: 'string' },
        backup_codes: { type: 'array', items: { type: 'string' } },
      },
    })
    expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '401', '500']))
    const { properties } = document.components.schemas.Problem
    expect(properties.type).toMatchObject({ format: 'uri-reference', default: 'about:blank' })
    expect(properties.status).toMatchObject({ format: 'int32', minimum: 100, maximum: 599 })
    expect([properties.error.deprecated, properties.details.deprecated]).toEqual([true, true])
    expect(properties.details).toMatchObject({ type: 'object', additionalProperties: { type: 'string' } })
  })
})

describe('bodies in the document', () => {
  it.each(OPERATIONS.flatMap(({ id, body }) => (body ? [{ id, body }] : [])))(
    'gives an example of $id that both the document and the Worker accept',
    ({ body }) => {
      expect(body.schema.safeParse(body.example).success).toBe(true)
      expect(isValid(schemaOf(body.schema), body.example)).toBe(true)
    },
  )

  const symbols = [
    ...'0123456789',
    ...'aAoOiIlLuUzZ -\u00a0\u202e\u2028\u0000\u007f\u0085é𝟙',
    '\ud800',
    '\udfff',
    '😀',
    '\u200b',
    '\u0301',
    '\u2800',
    '\u3164',
  ]
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789 -'), minLength: 5, maxLength: 9 })
  const backupCode = fc.string({
    unit: fc.constantFrom(...'0123456789ABCJKMNPZabouOIL- '),
    minLength: 22,
    maxLength: 30,
  })
  const odd = fc.string({ unit: fc.constantFrom(...symbols), maxLength: 70 })
  const long = fc.integer({ min: 60, max: 70 }).map((length) => '😀'.repeat(length))
  const longer = fc.integer({ min: 498, max: 503 }).map((length) => '😀'.repeat(length))
  const value = fc.oneof(digits, backupCode, odd, long, longer, fc.anything({ maxDepth: 1 }))
  const body = fc.record(
    { code: value, backup_code: value, name: value, reason: value, other: value },
    { requiredKeys: [] },
  )

  it.each(Object.entries(BODIES))('accepts as %s what the Worker accepts, and nothing else', (name, schema) => {
    fc.assert(
      fc.property(body, (sent) => {
        const parsed = JSON.parse(JSON.stringify(sent))
        expect(isValid({ $ref: `#/components/schemas/${name}` }, parsed)).toBe(schema.safeParse(parsed).success)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('answers in the document', () => {
  it.each(OPERATIONS.filter(({ answer }) => answer.kind === 'json'))(
    'have an example for $id that is valid',
    ({ path, method }) => {
      const { schema, example } = document.paths[path][method].responses['200'].content['application/json']
      expect(isValid(schema, example)).toBe(true)
    },
  )

  const request = new Request(`${PUBLIC_URL}/health`)
  const healthy = () => service.call('GET /health')

  it.each([
    ['a status', async () => ({ ...(await healthy()), status: 418 })],
    ['a member', async () => ({ ...(await healthy()), body: { status: 'ok', more: 1 } })],
    ['the lack of a member', async () => ({ ...(await healthy()), body: {} })],
    ['the lack of a header', async () => without(await healthy(), 'X-Request-Id')],
    ['a header', async () => withHeader(await healthy(), 'Cache-Control', 'public')],
    ['a media type', async () => withHeader(await healthy(), 'Content-Type', 'text/html')],
  ])('are found out when they hold %s that is not described', async (_, answer) => {
    expectDocumented(request, await healthy())
    const wrong = await answer()
    expect(() => expectDocumented(request, wrong)).toThrow()
  })

  it('are found out when a problem is one that the operation does not have', async () => {
    const missing = await service.call('GET /nothing')
    expect(() => expectDocumented(request, missing)).toThrow()
  })

  it('leave room for members that a later version adds', () => {
    const schemas = Object.entries(componentSchemas()).filter(([name]) => name in ANSWERS)
    expect(schemas.filter(([, schema]) => JSON.stringify(schema).includes('"additionalProperties":false'))).toEqual([])
  })
})

function schemaOf(schema: z.ZodMiniType) {
  const name = Object.entries(BODIES).find(([, each]) => each === schema)?.[0]
  return { $ref: `#/components/schemas/${name}` }
}

function without<Found extends { headers: Headers }>(answer: Found, name: string): Found {
  const headers = new Headers(answer.headers)
  headers.delete(name)
  return { ...answer, headers }
}

function withHeader<Found extends { headers: Headers }>(answer: Found, name: string, value: string): Found {
  const headers = new Headers(answer.headers)
  headers.set(name, value)
  return { ...answer, headers }
}
