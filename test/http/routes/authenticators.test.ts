import { describe, expect, it } from 'vitest'
import {
  addPhone,
  authenticatorIds,
  eventTypes,
  firstId,
  holdClock,
  outcomeOf,
  pass,
  problem,
  readyAccount,
} from '../../support/account.ts'
import { setUp } from '../../support/life.ts'
import { codeOf, wrongCode } from '../../support/phone.ts'
import { rowsOf } from '../../support/rows.ts'
import { newUser, PROFILE, startService } from '../../support/service.ts'

const UNKNOWN = '00000000-0000-4000-8000-000000000000'
const CHALLENGE = `POST ${PROFILE}/challenge`
const NAME_FAULT = 'must be a string of 1 to 64 characters, one of them visible, without control characters'
const service = startService()
holdClock()

const removal = (id: string) => `POST ${PROFILE}/authenticators/${id}/remove`
const renaming = (id: string) => `PATCH ${PROFILE}/authenticators/${id}`

/** An account with a second authenticator, whose fresh codes are all unused. */
async function twoPhones() {
  const account = await readyAccount(service)
  const id = await firstId(service, account)
  const second = await addPhone(service, account, { code: codeOf(account.secret) })
  pass()
  return { ...account, id, second }
}

/** What an answer says, but for what differs in each request. */
function sayingOf({ status, headers, body }: Awaited<ReturnType<typeof service.call>>) {
  const { instance, requestId, ...rest } = body
  const names = [...headers].map(([name, value]) => (name === 'x-request-id' ? name : `${name}: ${value}`))
  return { status, rest, names }
}

describe('renaming an authenticator', () => {
  it('is an event that names the authenticator, in one round trip', async () => {
    const account = await readyAccount(service)
    const id = await firstId(service, account)
    const call = { token: account.token, body: { name: 'Old phone' } }
    expect(await service.countCalls(() => service.call(renaming(id), call))).toBe(1)
    const { body } = await service.call(`GET ${PROFILE}/events?limit=1`, { token: account.token })
    expect(body['events']).toMatchObject([{ type: 'authenticator.renamed', authenticator_id: id }])
  })

  it('is no event where there is nothing to rename', async () => {
    const account = await readyAccount(service)
    const call = { token: account.token, body: { name: 'x' } }
    expect((await service.call(renaming(crypto.randomUUID()), call)).status).toBe(404)
    expect(await eventTypes(account.sub)).toEqual(['mfa.enabled'])
  })

  it.each(['Phone', '电话 📱', 'é', 'x'.repeat(64), '📱'.repeat(64), ' x ', '!', 'e\u0301', '👩‍💻', 'a\u200bb'])(
    'takes the name %j',
    async (name) => {
      const account = await readyAccount(service)
      const id = await firstId(service, account)
      const { status, body } = await service.call(renaming(id), { token: account.token, body: { name } })
      expect(status).toBe(200)
      expect(Object.keys(body)).toEqual(['id', 'name', 'created_at', 'last_used_at'])
      expect(body).toMatchObject({ id, name })
      const { body: mfa } = await service.call(`GET ${PROFILE}`, { token: account.token })
      expect(mfa['authenticators']).toEqual([body])
    },
  )

  it.each([
    '',
    'x'.repeat(65),
    '📱'.repeat(65),
    'a\u0000b',
    'a\nb',
    'a\u007fb',
    'a\u0085b',
    'a\u202eb',
    'a\u2066b',
    'a\u200fb',
    'a\ud800b',
    '\udcf1',
    'a\u2028b',
    'a\u2029b',
    'a\u061cb',
    ' ',
    '\u00a0\u3000',
    '\u0301',
    '\u200b',
    '\u00ad\u2060\ufeff',
    '\u034f\u115f\u1160\u17b4\u180b',
    '\u2800',
    '\u3164',
    '\uffa0',
    '\u{e0020}\u{e007f}',
    '\ufe0f\u{1d173}',
    7,
    null,
    ['a'],
    undefined,
  ])('refuses the name %j, here and at setup', async (name) => {
    const { token } = await newUser()
    const refusal = { ...problem(400, 'invalid-request'), headers: expect.any(Headers) }
    const answer = await service.call(renaming(UNKNOWN), { token, body: { name } })
    expect(answer).toMatchObject(refusal)
    expect(answer.body['details']).toEqual({ name: NAME_FAULT })
    const atSetup = await service.call(`POST ${PROFILE}/setup`, { token, body: { name } })
    expect(outcomeOf(atSetup)).toBe(name === undefined ? '200' : '400 invalid-request')
  })

  it('does not rename a pending one', async () => {
    const { token, sub } = await newUser()
    await setUp(service, token)
    const id = String((await rowsOf(sub)).authenticator[0]?.['id'])
    expect(await service.call(renaming(id), { token, body: { name: 'x' } })).toMatchObject(problem(404, 'not-found'))
  })

  it("answers another subject's id exactly like an unknown one", async () => {
    const owner = await readyAccount(service)
    const id = await firstId(service, owner)
    const { token } = await readyAccount(service)
    const [theirs, unknown] = await Promise.all(
      [id, UNKNOWN].map((each) => service.call(renaming(each), { token, body: { name: 'Mine' } })),
    )
    expect(theirs).toMatchObject(problem(404, 'not-found'))
    expect(theirs && sayingOf(theirs)).toEqual(unknown && sayingOf(unknown))
    expect((await rowsOf(owner.sub)).authenticator[0]).toMatchObject({ name: 'Authenticator' })
  })

  it.each(['%00', '%0A', '%FF', '%', '%ED%A0%80', '__proto__', "'--", 'x'.repeat(3000)])(
    'finds nothing under the id %s, and neither does removal',
    async (id) => {
      const { token, backupCodes } = await readyAccount(service)
      expect(outcomeOf(await service.call(renaming(id), { token, body: { name: 'x' } }))).toBe('404 not-found')
      const body = { backup_code: backupCodes[0] }
      expect(outcomeOf(await service.call(removal(id), { token, body }))).toBe('404 not-found')
    },
  )

  it('costs one round trip, and none for a bad name', async () => {
    const account = await readyAccount(service)
    const id = await firstId(service, account)
    const count = (body: object) => service.countCalls(() => service.call(renaming(id), { token: account.token, body }))
    expect(await count({ name: 'x' })).toBe(1)
    expect(await count({ name: '' })).toBe(0)
  })
})

describe('removing an authenticator', () => {
  it.each(['code', 'backup_code'] as const)('is done by a %s', async (kind) => {
    const account = await twoPhones()
    const { token, secret, sub, second, backupCodes } = account
    const proof = { code: codeOf(second.secret), backup_code: backupCodes[0] }
    const before = await rowsOf(sub)
    const answer = await service.call(removal(account.id), { token, body: { [kind]: proof[kind] } })
    expect(answer).toMatchObject({ status: 200, body: { success: true, message: expect.any(String) } })
    expect(await authenticatorIds(service, account)).toEqual([second.id])
    const after = await rowsOf(sub)
    expect(after.verify_repeat).toEqual([])
    expect(after.subject[0]?.['generation']).toBe(Number(before.subject[0]?.['generation']) + 1)
    expect(after.event.at(-1)).toMatchObject({ type: 'authenticator.removed', authenticator_id: account.id })
    pass()
    expect((await service.call(CHALLENGE, { token, body: { code: codeOf(secret) } })).status).toBe(400)
  })

  it('can be done by a code of the one that goes', async () => {
    const account = await twoPhones()
    const body = { code: codeOf(account.secret) }
    expect((await service.call(removal(account.id), { token: account.token, body })).status).toBe(200)
    expect(await authenticatorIds(service, account)).toEqual([account.second.id])
  })

  it('uses its proof up (RFC 6238 §5.2)', async () => {
    const account = await twoPhones()
    const { token, backupCodes } = account
    const { secret } = await addPhone(service, account, { backup_code: backupCodes[1] })
    const proofs = [{ code: codeOf(account.second.secret) }, { backup_code: backupCodes[0] }]
    const ids = [account.id, account.second.id]
    for (const [index, body] of proofs.entries()) {
      expect((await service.call(removal(String(ids[index])), { token, body })).status).toBe(200)
      expect(await service.call(CHALLENGE, { token, body })).toMatchObject(problem(400, 'invalid-code'))
    }
    pass()
    expect((await service.call(CHALLENGE, { token, body: { code: codeOf(secret) } })).status).toBe(200)
  })

  it.each(['unknown id', "another subject's id", 'pending id'])('leaves the proof unused for an %s', async (which) => {
    const account = await twoPhones()
    const { token, sub, second, backupCodes } = account
    const other = await readyAccount(service)
    await setUp(service, token, { backup_code: backupCodes[5] })
    const pending = (await rowsOf(sub)).authenticator.find((row) => row['state'] === 'pending')
    const ids: Record<string, string> = {
      'unknown id': UNKNOWN,
      "another subject's id": await firstId(service, other),
      'pending id': String(pending?.['id']),
    }
    const proofs = [{ code: codeOf(second.secret) }, { backup_code: backupCodes[0] }]
    for (const body of proofs) {
      expect(await service.call(removal(String(ids[which])), { token, body })).toMatchObject(problem(404, 'not-found'))
    }
    expect((await rowsOf(sub)).subject[0]).toMatchObject({ failures: 0 })
    for (const body of proofs) expect((await service.call(CHALLENGE, { token, body })).status).toBe(200)
  })

  it("answers another subject's id exactly like an unknown one, with and without a proof", async () => {
    const account = await twoPhones()
    const other = await readyAccount(service)
    const ids = [await firstId(service, other), UNKNOWN]
    for (const body of [{}, { code: wrongCode(account.secret) }, { backup_code: account.backupCodes[0] }]) {
      const [theirs, unknown] = await Promise.all(
        ids.map((id) => service.call(removal(id), { token: account.token, body })),
      )
      expect(theirs).toMatchObject(problem(404, 'not-found'))
      expect(theirs && sayingOf(theirs)).toEqual(unknown && sayingOf(unknown))
    }
    expect(await authenticatorIds(service, other)).toHaveLength(1)
  })

  it('refuses the last one and leaves the proof unused', async () => {
    const account = await readyAccount(service)
    const { token, secret, backupCodes } = account
    const id = await firstId(service, account)
    const proofs = [{ code: codeOf(secret) }, { backup_code: backupCodes[0] }]
    for (const body of [{}, ...proofs]) {
      expect(await service.call(removal(id), { token, body })).toMatchObject(problem(409, 'last-authenticator'))
    }
    for (const body of proofs) expect((await service.call(CHALLENGE, { token, body })).status).toBe(200)
  })

  it('leaves one when both are removed at once', async () => {
    const account = await twoPhones()
    const { token, backupCodes, sub } = account
    const answers = await Promise.all(
      [account.id, account.second.id].map((id, index) =>
        service.call(removal(id), { token, body: { backup_code: backupCodes[index] } }),
      ),
    )
    expect(answers.map(outcomeOf).sort()).toEqual(['200', '409 last-authenticator'])
    expect(await authenticatorIds(service, account)).toHaveLength(1)
    expect((await eventTypes(sub)).filter((type) => type === 'authenticator.removed')).toHaveLength(1)
    expect((await rowsOf(sub)).backup_code.filter((row) => row['used_at'] !== null)).toHaveLength(1)
  })

  it('voids a pending secret made before', async () => {
    const account = await twoPhones()
    const { token, backupCodes } = account
    const pending = await setUp(service, token, { backup_code: backupCodes[0] })
    await service.call(removal(account.id), { token, body: { backup_code: backupCodes[1] } })
    expect(await service.call(`POST ${PROFILE}/verify`, { token, body: { code: codeOf(pending) } })).toMatchObject(
      problem(400, 'no-pending-enrollment'),
    )
  })

  it('costs the round trips of the design', async () => {
    const account = await twoPhones()
    const { token, second, backupCodes } = account
    const third = await addPhone(service, account, { backup_code: backupCodes[1] })
    const count = (id: string, body: object) => service.countCalls(() => service.call(removal(id), { token, body }))
    expect(await count(account.id, {})).toBe(1)
    expect(await count(account.id, { code: wrongCode(account.secret) })).toBe(1)
    expect(await count(UNKNOWN, { code: codeOf(second.secret) })).toBe(1)
    expect(await count(account.id, { code: codeOf(second.secret) })).toBe(2)
    expect(await count(third.id, { backup_code: backupCodes[0] })).toBe(1)
  })
})
