import { base32nopad, base64, base64urlnopad, hex } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { holdClock, outcomeOf, readyAccount } from '../support/account.ts'
import { useOwnDatabase } from '../support/backend.ts'
import { setUp } from '../support/life.ts'
import { codeOf, wrongCode } from '../support/phone.ts'
import { dumpDatabase } from '../support/rows.ts'
import { newUser, PROFILE, startService } from '../support/service.ts'

await useOwnDatabase()
const service = startService()
const encoder = new TextEncoder()
holdClock()

/** Bytes in the spellings that a dump may show them in. */
function spellings(bytes: Uint8Array): string[] {
  return [hex.encode(bytes), hex.encode(bytes).toUpperCase(), base64.encode(bytes), base64urlnopad.encode(bytes)]
}

/** A text, and its digests that anybody can make without a key. */
async function plainForms(text: string): Promise<string[]> {
  const bytes = encoder.encode(text)
  const digests = await Promise.all(
    ['SHA-1', 'SHA-256', 'SHA-512'].map(async (hash) => new Uint8Array(await crypto.subtle.digest(hash, bytes))),
  )
  return [text, ...spellings(bytes), ...digests.flatMap(spellings)]
}

describe('ASVS 5.0 6.5.2 and 11.4.2: backup codes at rest', () => {
  it('a dump of the database lets nobody test a guess, of any code, secret or token', async () => {
    const { token, sub, secret, backupCodes } = await readyAccount(service)
    const pending = await newUser()
    const wrong = wrongCode(await setUp(service, pending.token))
    await service.call(`POST ${PROFILE}/verify`, { token: pending.token, body: { code: wrong } })

    const dump = await dumpDatabase()
    expect(dump).toContain(sub)
    const guesses = [
      ...backupCodes,
      ...backupCodes.map((code) => code.replaceAll('-', '')),
      ...backupCodes.map((code) => `${sub}${code}`),
      secret,
      token,
    ]
    const forms = [...(await Promise.all(guesses.map(plainForms))).flat(), ...spellings(base32nopad.decode(secret))]
    expect(forms.filter((form) => dump.includes(form))).toEqual([])
    const digests = (await plainForms(wrong)).filter((form) => form.length > 16)
    expect(digests.filter((form) => dump.includes(form))).toEqual([])
  })
})

describe('ASVS 5.0 6.5.1: look-up secrets and codes are used once', () => {
  it('a backup code that was redeemed at one operation is void at every other', async () => {
    const { token, backupCodes } = await readyAccount(service)
    const [backup_code] = backupCodes
    const redeem = (path: string) => service.call(`POST ${PROFILE}/${path}`, { token, body: { backup_code } })
    expect(outcomeOf(await redeem('challenge'))).toBe('200')
    for (const path of ['challenge', 'setup', 'backup-codes', 'disable']) {
      expect(outcomeOf(await redeem(path))).toBe('400 invalid-code')
    }
  })

  it('a backup code of one subject is worth nothing to another', async () => {
    const [mine, theirs] = [await readyAccount(service), await readyAccount(service)]
    const body = { backup_code: theirs.backupCodes[0] }
    expect(outcomeOf(await service.call(`POST ${PROFILE}/challenge`, { token: mine.token, body }))).toBe(
      '400 invalid-code',
    )
    expect(outcomeOf(await service.call(`POST ${PROFILE}/challenge`, { token: theirs.token, body }))).toBe('200')
  })
})

describe('ASVS 5.0 6.3.8: no answer tells the reasons of a refusal apart', () => {
  it('a wrong, a replayed and an out-of-window code get one answer', async () => {
    const account = await readyAccount(service)
    const replayed = codeOf(account.secret, Date.now() - 30_000)
    const bodies = [
      { code: wrongCode(account.secret) },
      { code: replayed },
      { code: codeOf(account.secret, Date.now() + 90_000) },
    ]
    const told = new Set<string>()
    for (const body of bodies) {
      const answer = await service.call(`POST ${PROFILE}/challenge`, { token: account.token, body })
      const { attemptsRemaining, requestId, instance, ...same } = answer.body
      expect(requestId).toBeTruthy()
      expect(instance).toBe(`urn:uuid:${String(requestId)}`)
      expect(attemptsRemaining).toBe(4 - bodies.indexOf(body))
      told.add(JSON.stringify([answer.status, same, answer.headers.get('WWW-Authenticate')]))
    }
    expect(told.size).toBe(1)
  })
})

describe('no client input makes a 5xx', () => {
  it.each([
    ['a claim that is not well-formed Unicode', { email: 'a\ud800b' }],
    ['a claim of 3,000 characters', { email: 'a'.repeat(3_000) }],
    ['a claim of 1,000 characters beyond ASCII', { email: '🙂'.repeat(500) }],
    ['a subject of 255 characters that are all escaped', { sub: `${crypto.randomUUID()}${'%'.repeat(219)}` }],
  ])('setup with %s', async (_, claims) => {
    const { token } = await newUser(claims)
    expect(outcomeOf(await service.call(`POST ${PROFILE}/setup`, { token, body: {} }))).toBe('200')
  })
})
