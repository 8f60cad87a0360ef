import * as fc from 'fast-check'
import { HOTP, Secret } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { textOf } from '../../src/core/bytes.ts'
import { hotp, importOtpKey } from '../../src/core/hotp.ts'
import { ascii } from '../support/core.ts'
import { RFC4226_SECRET, RFC4226_VECTORS, WIDE_COUNTER_VECTORS } from '../vectors/rfc4226.ts'

const key = await importOtpKey(ascii(RFC4226_SECRET), 'SHA1')

describe('importOtpKey', () => {
  it('lets nobody extract the secret', async () => {
    expect((await importOtpKey(ascii(RFC4226_SECRET), 'SHA1')).extractable).toBe(false)
  })
})

describe('hotp', () => {
  it.each(RFC4226_VECTORS)('gives $code for counter $counter (RFC 4226 Appendix D)', async ({ counter, code }) => {
    expect(textOf(await hotp(key, { counter, digits: 6 }))).toBe(code)
  })

  it.each(RFC4226_VECTORS)(
    'truncates counter $counter to $truncated (RFC 4226 §5.3)',
    async ({ counter, truncated }) => {
      expect(textOf(await hotp(key, { counter, digits: 10 }))).toBe(truncated)
    },
  )

  it.each(WIDE_COUNTER_VECTORS)('writes counter $counter as 64 bits (RFC 4226 §5.1)', async ({ counter, code }) => {
    expect(textOf(await hotp(key, { counter, digits: 6 }))).toBe(code)
  })

  it('agrees with an implementation that is not ours', async () => {
    const input = fc.record({
      secret: fc.uint8Array({ minLength: 1, maxLength: 64 }),
      counter: fc.maxSafeNat(),
      digits: fc.integer({ min: 6, max: 8 }),
      algorithm: fc.constantFrom('SHA1', 'SHA256', 'SHA512'),
    })
    await fc.assert(
      fc.asyncProperty(input, async ({ secret, counter, digits, algorithm }) => {
        const bytes = new Uint8Array(secret)
        const theirs = new HOTP({ secret: new Secret({ buffer: bytes.buffer }), digits, algorithm }).generate({
          counter,
        })
        expect(textOf(await hotp(await importOtpKey(bytes, algorithm), { counter, digits }))).toBe(theirs)
      }),
      { numRuns: 300 },
    )
  })
})

describe('importOtpKey', () => {
  it('gives a key that signs and cannot be extracted', () => {
    expect(key.extractable).toBe(false)
    expect(key.usages).toEqual(['sign'])
  })
})
