import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { problem } from '../../support/account.ts'
import { SIGNING_JWK, startService } from '../../support/service.ts'

const JWKS = 'GET /.well-known/jwks.json'

describe('jwks.json', () => {
  it('publishes the signing key, without its private part, for five minutes', async () => {
    const { status, headers, body, text } = await startService().call(JWKS)
    expect(status).toBe(200)
    expect(headers.get('Content-Type')).toContain('application/json')
    expect(headers.get('Cache-Control')).toBe('public, max-age=300')
    const { x, y } = SIGNING_JWK
    expect(body).toMatchObject({ keys: [{ kty: 'EC', crv: 'P-256', x, y, alg: 'ES256', use: 'sig' }] })
    expect(Object.keys((body['keys'] as object[])[0] ?? {})).not.toContain('d')
    expect(text).not.toContain(String(SIGNING_JWK.d))
  })

  it('names each key by its thumbprint (RFC 7638)', async () => {
    const { body } = await startService().call(JWKS)
    const [key] = body['keys'] as JWK[]
    expect(key?.kid).toBe(await calculateJwkThumbprint(SIGNING_JWK))
  })

  it('publishes retired and next keys beside it', async () => {
    const { publicKey } = await generateKeyPair('ES256', { extractable: true })
    const next = await exportJWK(publicKey)
    const service = startService({ STEP_UP_EXTRA_JWKS: JSON.stringify({ keys: [next] }) })
    const { body } = await service.call(JWKS)
    const kids = (body['keys'] as JWK[]).map(({ kid }) => kid)
    expect(kids).toEqual([await calculateJwkThumbprint(SIGNING_JWK), await calculateJwkThumbprint(next)])
  })

  it('needs no token and no database', async () => {
    const service = startService()
    expect(await service.countCalls(() => service.call(JWKS, { token: 'rubbish' }))).toBe(0)
    expect((await service.call(JWKS, { token: 'rubbish' })).status).toBe(200)
  })

  it('takes GET alone', async () => {
    const answer = await startService().call('POST /.well-known/jwks.json', { body: {} })
    expect(answer).toMatchObject(problem(405, 'method-not-allowed'))
    expect(answer.headers.get('Allow')).toContain('GET')
  })
})
