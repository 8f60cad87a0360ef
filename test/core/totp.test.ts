import * as fc from 'fast-check'
import { Secret, TOTP } from 'otpauth'
import { describe, expect, it } from 'vitest'
import { textOf } from '../../src/core/bytes.ts'
import { hotp, importOtpKey } from '../../src/core/hotp.ts'
import { DRIFT_STEPS, matchingSteps, SECRET_BYTES, stepAt, stepsAround, TOTP_PARAMETERS } from '../../src/core/totp.ts'
import { ascii } from '../support/core.ts'
import { RFC6238_SECRETS, RFC6238_VECTORS } from '../vectors/rfc6238.ts'

const SECRET = ascii(RFC6238_SECRETS.SHA1)
const PRESENT = 60_000_000

async function codeAt(step: number): Promise<string> {
  return textOf(await hotp(await importOtpKey(SECRET, 'SHA1'), { counter: step, digits: 6 }))
}

describe('stepAt', () => {
  it.each(RFC6238_VECTORS)('puts $seconds s into step $step (RFC 6238 §4.2)', ({ seconds, step }) => {
    expect(stepAt(seconds * 1000, 30)).toBe(step)
  })

  it.each([
    { now: 0, step: 0 },
    { now: 29_999, step: 0 },
    { now: 30_000, step: 1 },
    { now: 2 ** 31 * 1000, step: 71_582_788 },
    { now: 2 ** 32 * 1000, step: 143_165_576 },
    { now: 8.64e15, step: 288_000_000_000 },
  ])('puts $now ms into step $step, past 2038 too', ({ now, step }) => {
    expect(stepAt(now, 30)).toBe(step)
  })
})

describe('stepsAround', () => {
  it('lists the centre and its neighbours in ascending order', () => {
    expect(stepsAround(10, 1)).toEqual([9, 10, 11])
    expect(stepsAround(10, 0)).toEqual([10])
  })

  it('lists no step before the epoch', () => {
    expect(stepsAround(0, 2)).toEqual([0, 1, 2])
  })
})

describe('matchingSteps', () => {
  it.each(RFC6238_VECTORS)('finds $code at $seconds s under $algorithm (RFC 6238 Appendix B)', async (vector) => {
    const { algorithm, code, seconds, step } = vector
    const parameters = { algorithm, digits: 8, stepSeconds: 30 }
    const steps = stepsAround(stepAt(seconds * 1000, 30), 1)
    expect(await matchingSteps(ascii(RFC6238_SECRETS[algorithm]), { parameters, code, steps })).toEqual([step])
  })

  it.each([-1, 0, 1])('accepts the code of step T%i (RFC 6238 §5.2)', async (offset) => {
    const options = { parameters: TOTP_PARAMETERS, steps: stepsAround(PRESENT, DRIFT_STEPS) }
    const code = await codeAt(PRESENT + offset)
    expect(await matchingSteps(SECRET, { ...options, code })).toEqual([PRESENT + offset])
  })

  it.each([-20, -3, -2, 2, 3, 20])('does not accept the code of step T%i', async (offset) => {
    const options = { parameters: TOTP_PARAMETERS, steps: stepsAround(PRESENT, DRIFT_STEPS) }
    const code = await codeAt(PRESENT + offset)
    expect(await matchingSteps(SECRET, { ...options, code })).toEqual([])
  })

  it.each(['', '1', '12345', '1234567', '１２３４５６'])('matches no code of another shape: %j', async (code) => {
    const options = { parameters: TOTP_PARAMETERS, steps: stepsAround(PRESENT, 20) }
    expect(await matchingSteps(SECRET, { ...options, code })).toEqual([])
  })

  it('names every step that has the code, in their order', async () => {
    const steps = [PRESENT + 1, PRESENT, PRESENT + 1]
    const code = await codeAt(PRESENT + 1)
    expect(await matchingSteps(SECRET, { parameters: TOTP_PARAMETERS, code, steps })).toEqual([steps[0], steps[2]])
  })

  it('accepts what an authenticator app shows at any moment, and says at which step', async () => {
    const input = fc.record({
      secret: fc.uint8Array({ minLength: SECRET_BYTES, maxLength: SECRET_BYTES }),
      timestamp: fc.integer({ min: 30_000, max: 8.64e15 }),
    })
    await fc.assert(
      fc.asyncProperty(input, async ({ secret, timestamp }) => {
        const bytes = new Uint8Array(secret)
        const code = new TOTP({ secret: new Secret({ buffer: bytes.buffer }) }).generate({ timestamp })
        const present = stepAt(timestamp, TOTP_PARAMETERS.stepSeconds)
        const options = { parameters: TOTP_PARAMETERS, code, steps: stepsAround(present, DRIFT_STEPS) }
        expect(await matchingSteps(bytes, options)).toContain(present)
      }),
      { numRuns: 200 },
    )
  })
})

describe('TOTP_PARAMETERS', () => {
  it('are those that every authenticator app takes (RFC 6238 §5.2 recommends 30 s)', () => {
    expect(TOTP_PARAMETERS).toEqual({ algorithm: 'SHA1', digits: 6, stepSeconds: 30 })
    expect(SECRET_BYTES * 8).toBe(160)
  })
})
