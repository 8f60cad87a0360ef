import { Secret, TOTP, URI } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { encodeSecret, otpauthUri } from '../../src/core/otpauth.ts'
import { TOTP_PARAMETERS } from '../../src/core/totp.ts'
import { ascii } from '../support/core.ts'

const SECRET = ascii('12345678901234567890')

function uriOf(options: { issuer?: string; account?: string } = {}): string {
  return otpauthUri({ secret: SECRET, issuer: 'Example', account: 'alice', parameters: TOTP_PARAMETERS, ...options })
}

describe('encodeSecret', () => {
  it('writes 160 bits as 32 symbols of base32', () => {
    expect(encodeSecret(SECRET)).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
  })

  it('writes no padding', () => {
    expect(encodeSecret(ascii('1'))).toBe('GE')
  })
})

describe('otpauthUri', () => {
  it('puts the issuer into the label and beside it, and says how to count', () => {
    expect(uriOf()).toBe(
      'otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example&algorithm=SHA1&digits=6&period=30',
    )
  })

  it('writes a space as %20, never as +', () => {
    const uri = uriOf({ issuer: 'My App', account: 'a b' })
    expect(uri).toContain('otpauth://totp/My%20App:a%20b?')
    expect(uri).toContain('&issuer=My%20App&')
    expect(uri).not.toContain('+')
  })

  it('writes what would end a part of the URI as an escape', () => {
    const uri = uriOf({ issuer: 'A&B=C?D#E/F%', account: 'x?y#z&secret=AAAA@example.com' })
    expect(uri).toContain('/A%26B%3DC%3FD%23E%2FF%25:x%3Fy%23z%26secret%3DAAAA%40example.com?')
    expect(new URL(uri).searchParams.getAll('secret')).toEqual([encodeSecret(SECRET)])
    expect(new URL(uri).searchParams.get('issuer')).toBe('A&B=C?D#E/F%')
  })

  it('turns every colon of the account into a hyphen', () => {
    expect(uriOf({ account: 'urn:user:7' })).toContain('/Example:urn-user-7?')
  })

  it('takes an account that is not well-formed Unicode', () => {
    expect(uriOf({ account: 'a\ud800b' })).toContain('/Example:a%EF%BF%BDb?')
  })

  it.each([
    { account: 'a'.repeat(3_000), kept: 'a'.repeat(765) },
    { account: '%'.repeat(255), kept: '%'.repeat(255) },
    { account: `a${'🙂'.repeat(500)}`, kept: `a${'🙂'.repeat(63)}` },
  ])('cuts an account that no QR symbol can hold, after a whole character', ({ account, kept }) => {
    const uri = uriOf({ issuer: '漢'.repeat(64), account })
    expect(uri.split('?')[0]?.split(':').at(-1)).toBe(encodeURIComponent(kept))
    expect(uri.length).toBeLessThanOrEqual(2_331)
  })

  it.each([
    { issuer: 'Example', account: 'alice@example.com' },
    { issuer: 'Example & Söhne', account: 'äöü 你好 🙂' },
    { issuer: '100% +', account: "a'(b)*!~" },
  ])('is read by an authenticator that is not ours: $issuer, $account', ({ issuer, account }) => {
    const parsed = URI.parse(uriOf({ issuer, account }))
    expect(parsed).toBeInstanceOf(TOTP)
    expect(parsed).toMatchObject({ issuer, label: account, algorithm: 'SHA1', digits: 6, period: 30 })
    expect(parsed.secret.base32).toBe(new Secret({ buffer: SECRET.buffer }).base32)
  })
})
