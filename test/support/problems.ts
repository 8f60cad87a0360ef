import { expect } from 'vitest'
import { type Answer, PUBLIC_URL } from './service.ts'

/** The status of each problem, as the contract's table gives it. */
export const PROBLEM_STATUS = {
  'invalid-request': 400,
  'invalid-code': 400,
  'no-pending-enrollment': 400,
  unauthorized: 401,
  'invalid-token': 401,
  'insufficient-user-authentication': 401,
  'insufficient-scope': 403,
  'proof-required': 403,
  'totp-blocked': 403,
  'self-administration': 403,
  'not-found': 404,
  'method-not-allowed': 405,
  'mfa-not-enabled': 409,
  'last-authenticator': 409,
  'too-many-authenticators': 409,
  'unlocked-recently': 409,
  'payload-too-large': 413,
  'unsupported-media-type': 415,
  'too-many-attempts': 429,
  internal: 500,
  unavailable: 503,
} as const

/** The name of a problem. */
export type ProblemName = keyof typeof PROBLEM_STATUS

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Holds an answer against the contract of problems: media type, status, and all eight members. */
export function expectProblem(answer: Answer, name: ProblemName): void {
  expect(answer.body['type'], answer.text).toBe(`${PUBLIC_URL}/problems/${name}`)
  expect(answer.status).toBe(PROBLEM_STATUS[name])
  expectWellFormed(answer)
}

/** Holds a problem of any kind against RFC 9457 and part A of the contract. */
export function expectWellFormed({ status, headers, body }: Answer): void {
  expect(headers.get('Content-Type')).toBe('application/problem+json')
  expect(body).toMatchObject({
    type: expect.stringMatching(/\S/),
    title: expect.stringMatching(/\S/),
    status,
    detail: expect.stringMatching(/\S/),
    instance: `urn:uuid:${String(body['requestId'])}`,
    error: body['detail'],
    details: expect.any(Object),
    requestId: expect.stringMatching(UUID),
  })
  expect(headers.get('X-Request-Id')).toBe(body['requestId'])
  expect(Object.values(Object(body['details'])).every((message) => typeof message === 'string')).toBe(true)
}
