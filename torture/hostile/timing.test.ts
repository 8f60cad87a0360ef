import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type BareService, startBareService } from '../../scripts/lib/bare-service.ts'
import { openWire, type Wire } from '../lib/client.ts'
import { builtWorker, isLong, report, sized } from '../lib/run.ts'
import type { Veteran } from '../lib/subjects.ts'
import { type Ask, type Crowd, kindOf, makeCrowd } from './crowd.ts'
import { BACKUP_CODE_GUESSES, type Guesses, lastDigitOff, TOTP_GUESSES, unlike } from './guesses.ts'
import { boundOf, figuresOf, interleave, type Kind, separations, type Timings } from './interleaved.ts'

/*
 * How long an answer takes tells as little of why a code was not accepted as the answer itself. Codes of every kind are
 * sent for the same subjects in the same state, one after another on one connection, in an order that chance chooses.
 * With the bound of `boundOf` and some 25 pairs in a run, 1 run of 2,500 fails for nothing. Whoever had 2,000 times of
 * both kinds, which no throttle allows, would by the best threshold guess right 54 times of 100, where a coin does 50.
 * The short form has too few times to say as much: nothing is grossly apart, and what must be is.
 */

const ROUNDS = sized({ short: 40, long: 2_000 })
/** For each kind; there are 28. */
const ENOUGH_MS = sized({ short: 400, long: 4_500 })
const CROWD = sized({ short: 5, long: 48 })
/** How much longer the control takes: so much that times of either kind, as few as they are, lie apart. */
const SLOWNESS = sized({ short: 4, long: 1.5 })
const LIMIT_MS = 120_000
const PROFILE = '/api/user/profile/mfa'

let service: BareService
let crowd: Crowd
let wire: Wire

beforeAll(async () => {
  service = await startBareService({ script: builtWorker() })
  crowd = await makeCrowd(service, CROWD)
  wire = openWire(service.url, { sockets: 1, timeoutMs: 10_000 })
}, LIMIT_MS)

afterAll(async () => {
  wire.close()
  await service.end()
})

type Kinds = Readonly<Record<string, Kind>>

async function measure(what: string, kinds: Kinds): Promise<Timings> {
  const most = Math.floor(crowd.turns / Object.keys(kinds).length)
  const before = async (round: number) => {
    if (round % most === 0) await crowd.renew()
  }
  const enoughMs = ENOUGH_MS * Object.keys(kinds).length
  const timings = await interleave(kinds, { rounds: ROUNDS, enoughMs, before })
  if (isLong) report(`timing of ${what}`, figuresOf(timings))
  return timings
}

function expectInseparable(timings: Timings): void {
  const bound = boundOf(timings)
  for (const [name, { auc, gap }] of Object.entries(separations(timings))) {
    expect(Math.abs(auc - 0.5), `AUC of ${name}`).toBeLessThan(bound)
    expect(gap, `widest gap of ${name}`).toBeLessThan(2 * bound)
  }
}

/** Wrong codes first: what all others are held against, once more under another name. */
const CODES = {
  wrong: TOTP_GUESSES.wrong,
  'wrong as well': TOTP_GUESSES.wrong,
  'last digit wrong': TOTP_GUESSES['last digit wrong'],
  'first digit wrong': TOTP_GUESSES['first digit wrong'],
  replayed: ({ code }) => ({ code: code(0) }),
  'three steps late': TOTP_GUESSES['three steps late'],
  'three steps early': TOTP_GUESSES['three steps early'],
} satisfies Guesses<Veteran>

const PENDING_CODES = {
  wrong: ({ pendingCode }) => ({ code: unlike(pendingCode) }),
  'last digit wrong': ({ pendingCode: code }) => ({ code: unlike(code, lastDigitOff(code(0))) }),
  'an hour early': ({ pendingCode }) => ({ code: pendingCode(120) }),
  'of an active authenticator': ({ code }) => ({ code: code(0) }),
} satisfies Guesses<Veteran>

const asked = (ask: Ask) => kindOf(ask, { crowd, wire })
const refused = (body: (veteran: Veteran) => object, path: (veteran: Veteran) => string) =>
  asked({ path: (veteran) => `${PROFILE}${path(veteran)}`, body, status: 400 })
const allRefused = (guesses: Guesses<Veteran>, path: (veteran: Veteran) => string): Kinds =>
  Object.fromEntries(Object.entries(guesses).map(([name, body]) => [name, refused(body, path)]))

describe('the time of an answer', () => {
  it('to a code at challenge tells nothing about what is wrong with it', { timeout: LIMIT_MS }, async () => {
    expectInseparable(
      await measure(
        'challenge by TOTP',
        allRefused(CODES, () => '/challenge'),
      ),
    )
  })

  it('to a backup code at challenge tells nothing about what is wrong with it', { timeout: LIMIT_MS }, async () => {
    expectInseparable(
      await measure(
        'challenge by backup code',
        allRefused(BACKUP_CODE_GUESSES, () => '/challenge'),
      ),
    )
  })

  it('to a code at verify tells nothing about what is wrong with it', { timeout: LIMIT_MS }, async () => {
    expectInseparable(
      await measure(
        'verify',
        allRefused(PENDING_CODES, () => '/verify'),
      ),
    )
  })

  it.each([
    ['setup', () => '/setup'],
    ['backup-codes', () => '/backup-codes'],
    ['disable', () => '/disable'],
    ['remove', ({ authenticatorId }: Veteran) => `/authenticators/${authenticatorId}/remove`],
  ])('to a code at %s tells nothing about what is wrong with it', { timeout: LIMIT_MS }, async (name, path) => {
    const { wrong, replayed } = CODES
    expectInseparable(await measure(name, allRefused({ wrong, replayed }, path)))
  })

  it("tells nothing about whether an authenticator is somebody else's", { timeout: LIMIT_MS }, async () => {
    const [first, second] = crowd.veterans
    const foreign = (veteran: Veteran) => String((veteran === first ? second : first)?.authenticatorId)
    const rename = (idOf: (veteran: Veteran) => string) =>
      asked({
        method: 'PATCH',
        path: (veteran) => `${PROFILE}/authenticators/${idOf(veteran)}`,
        body: () => ({ name: 'Phone' }),
        status: 404,
      })
    const kinds = { unknown: rename(() => randomUUID()), foreign: rename(foreign) }
    expectInseparable(await measure('a rename', kinds))
  })
})

describe('the measurement', () => {
  it('sees an answer without the database, and one that takes longer', { timeout: LIMIT_MS }, async () => {
    const wrong = refused(CODES.wrong, () => '/challenge')
    const badToken = asked({ path: () => `${PROFILE}/challenge`, token: () => 'a.b.c', body: CODES.wrong, status: 401 })
    const later = () => {
      const send = wrong()
      return async () => (await send()) * SLOWNESS
    }
    const timings = await measure('controls', { wrong, 'a bad token': badToken, 'one that takes longer': later })
    const { 'a bad token': sooner, 'one that takes longer': slower } = separations(timings)
    expect(sooner?.auc).toBeLessThan(isLong ? 0.5 - boundOf(timings) : 0.5)
    expect(slower?.auc).toBeGreaterThan(isLong ? 0.5 + boundOf(timings) : 0.5)
  })
})
