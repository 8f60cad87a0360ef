import { describe, expect, it } from 'vitest'
import { exampleProblem, PROBLEM_CODES } from '../../../openapi/problem-guide.ts'
import { createMfaClient } from '../../../packages/client/src/client.ts'

function answering(body: unknown, init: ResponseInit) {
  const fetch = async () => Response.json(body, init)
  return createMfaClient({ url: 'https://mfa.example', token: () => 't', fetch })
}

describe('problems', () => {
  it.each(PROBLEM_CODES)('are told apart by name: %s, with all its members', async (code) => {
    const body = JSON.parse(JSON.stringify(exampleProblem(code)))
    const result = await answering(body, { status: body.status }).disable({ code: '123456' })
    expect(result).toMatchObject({ ok: false, problem: { ...body, name: code } })
  })

  it('say how long to wait, by the header where the body does not', async () => {
    const body = exampleProblem('unavailable')
    const later = new Date(Date.now() + 90_000).toUTCString()
    for (const [header, expected] of [
      ['7', 7],
      [later, 90],
      ['soon', undefined],
    ] as const) {
      const client = answering(body, { status: 503, headers: { 'Retry-After': header } })
      const result = await client.disable({ code: '123456' })
      const wait = result.ok || !('retryAfter' in result.problem) ? undefined : result.problem.retryAfter
      if (expected === undefined) expect(wait).toBeUndefined()
      else expect(Math.abs(Number(wait) - expected)).toBeLessThan(3)
    }
  })

  it('of a service whose own address is not configured are internal', async () => {
    const body = { ...exampleProblem('internal'), type: 'about:blank' }
    const result = await answering(body, { status: 500 }).status()
    expect(result).toMatchObject({ problem: { name: 'internal' } })
  })

  it('are refused early where the url is none', () => {
    expect(() => createMfaClient({ url: 'mfa.example', token: () => 't' })).toThrow(TypeError)
  })
})
