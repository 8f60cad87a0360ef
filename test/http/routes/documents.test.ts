import { describe, expect, it } from 'vitest'
import { version } from '../../../package.json'
import { expectProblem } from '../../support/problems.ts'
import { startService } from '../../support/service.ts'

const service = startService()

describe('the document and its pages', () => {
  it('are served with the headers of every answer', async () => {
    const answer = await service.call('GET /openapi.json')
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Content-Type')).toBe('application/json')
    expect(answer.headers.get('Cache-Control')).toBe('public, max-age=300')
    expect(answer.headers.get('X-Request-Id')).not.toBeNull()
    expect(answer.headers.get('Content-Security-Policy')).toContain("default-src 'none'")
    expect(answer.body['openapi']).toBe('3.1.0')
  })

  it.each(['/docs', '/problems/invalid-code'])(
    'let %s load its own style and nothing of anybody else',
    async (path) => {
      const { status, headers, text } = await service.call(`GET ${path}`)
      expect(status).toBe(200)
      expect(headers.get('Content-Type')).toMatch(/^text\/html/)
      expect(headers.get('Content-Security-Policy')).toBe(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      )
      expect(headers.get('X-Frame-Options')).toBe('DENY')
      expect(headers.get('Referrer-Policy')).toBe('no-referrer')
      expect(text).toMatch(/^<!doctype html>/i)
    },
  )

  it('answer HEAD as GET', async () => {
    const { status, text } = await service.call('HEAD /docs')
    expect({ status, text }).toEqual({ status: 200, text: '' })
  })

  it.each([
    '/problems/unknown',
    '/problems/..%2Fopenapi',
    '/problems/invalid-code.html%3F',
    '/problems/%2e%2e%2fdocs',
    '/assets/nothing.css',
    '/assets/..%2Fopenapi.json',
    '/docs.html',
    '/problems/',
    '/elements/latest/..%2F..%2Fopenapi.json',
  ])('answer not-found at %s', async (path) => {
    expectProblem(await service.call(`GET ${path}`), 'not-found')
  })

  it('take no other method', async () => {
    const answer = await service.call('POST /docs')
    expectProblem(answer, 'method-not-allowed')
    expect(answer.headers.get('Allow')).toContain('GET')
  })

  it('cost no call of the database', async () => {
    expect(await service.countCalls(() => service.call('GET /openapi.json'))).toBe(0)
  })
})

describe('the elements', () => {
  it('may be loaded by the pages of every origin', async () => {
    const { status, headers } = await service.call('GET /elements/latest/edge-mfa.js', {
      headers: { Origin: 'https://somebody.example' },
    })
    expect(status).toBe(200)
    expect(headers.get('Content-Type')).toMatch(/javascript/)
    expect(headers.get('Access-Control-Allow-Origin')).toBe('*')
    expect(headers.get('Cross-Origin-Resource-Policy')).toBe('cross-origin')
    expect(headers.get('Cache-Control')).toBe('public, max-age=300')
  })

  it('may be kept for good under their version', async () => {
    const { headers } = await service.call(`GET /elements/${version}/edge-mfa.js`)
    expect(headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
  })
})
