import { describe, expect, it } from 'vitest'
import { expectProblem } from '../support/problems.ts'
import { newUser, PROFILE, PUBLIC_URL, startService } from '../support/service.ts'

const VERIFY = `POST ${PROFILE}/verify`
const MOST = 4096
const service = startService()
const bytes = (text: string) => new TextEncoder().encode(text)

/** A well-formed body of exactly so many bytes. */
function bodyOf(length: number): string {
  const frame = '{"code":"123456","x":""}'
  return frame.replace('"x":""', `"x":"${'y'.repeat(length - frame.length)}"`)
}

/** Sends a body in pieces, without a Content-Length. */
async function sendChunked(chunks: readonly Uint8Array[]) {
  const { token } = await newUser()
  const body = new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
  return service.send(new Request(`${PUBLIC_URL}${PROFILE}/verify`, { method: 'POST', headers, body }))
}

async function send(body: unknown, headers: Record<string, string> = {}) {
  const { token } = await newUser()
  return service.call(VERIFY, { token, body, headers })
}

describe('the size of a body', () => {
  it('may be 4096 bytes', async () => {
    expect(bytes(bodyOf(MOST))).toHaveLength(MOST)
    expectProblem(await send(bodyOf(MOST)), 'no-pending-enrollment')
    expectProblem(await sendChunked([bytes(bodyOf(MOST))]), 'no-pending-enrollment')
  })

  it('may be no byte more, and counts bytes, not characters', async () => {
    expectProblem(await send(bodyOf(MOST + 1)), 'payload-too-large')
    expectProblem(await send(bodyOf(MOST).replace('yy', 'üü')), 'payload-too-large')
  })

  it('is counted as chunks come, whatever their number', async () => {
    const whole = bytes(bodyOf(MOST + 1))
    expectProblem(await sendChunked([whole]), 'payload-too-large')
    expectProblem(await sendChunked([...whole].map((byte) => Uint8Array.of(byte))), 'payload-too-large')
  })

  it('is counted on: a stream without an end is cut off', async () => {
    let pulled = 0
    const body = new ReadableStream({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(1024).fill(0x20))
      },
    })
    const { token } = await newUser()
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const request = new Request(`${PUBLIC_URL}${PROFILE}/verify`, { method: 'POST', headers, body })
    expectProblem(await service.send(request), 'payload-too-large')
    expect(pulled).toBeLessThan(20)
  })

  it('is not believed from a Content-Length that says less, and refused by one that says more', async () => {
    expectProblem(await send(bodyOf(MOST + 1), { 'Content-Length': '10' }), 'payload-too-large')
    expectProblem(await send('{}', { 'Content-Length': '5000' }), 'payload-too-large')
  })
})

describe('the text of a body', () => {
  it.each([
    ['a lone continuation byte', [0x80]],
    ['an overlong encoding', [0xc0, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a cut sequence', [0xe2, 0x82]],
    ['beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ])('is refused with %s: invalid UTF-8 (RFC 8259 §8.1)', async (_, invalid) => {
    const body = Uint8Array.of(...bytes('{"code":"123456","x":"'), ...invalid, ...bytes('"}'))
    const answer = await send(body)
    expectProblem(answer, 'invalid-request')
    expect(answer.body['details']).toEqual({})
  })

  it('is refused with a byte order mark (RFC 8259 §8.1)', async () => {
    expectProblem(await send(`\uFEFF{"code":"123456"}`), 'invalid-request')
  })

  it('may be split within a character', async () => {
    const whole = bytes('{"code":"123456","x":"ü"}')
    const at = whole.indexOf(0xc3) + 1
    expectProblem(await sendChunked([whole.slice(0, at), whole.slice(at)]), 'no-pending-enrollment')
  })

  it.each([
    '{"code":"123456"',
    "{'code':'123456'}",
    '{"code":"123456",}',
    '{"code":NaN}',
    'code=123456',
    '\u0000',
    ' ',
    'undefined',
    `${'['.repeat(2000)}`,
  ])('is refused when it is not JSON: %j', async (body) => {
    expectProblem(await send(body), 'invalid-request')
  })

  it.each(['[]', '[{"code":"123456"}]', '"123456"', '123456', 'null', 'true', '[['.repeat(900) + ']]'.repeat(900)])(
    'is refused when it is no object: %.20s',
    async (body) => {
      expectProblem(await send(body), 'invalid-request')
    },
  )

  it.each([
    ['__proto__', '{"__proto__":{"code":"123456"}}'],
    ['constructor', '{"constructor":{"prototype":{"code":"123456"}}}'],
  ])('gives no member through %s', async (_, body) => {
    const answer = await send(body)
    expectProblem(answer, 'invalid-request')
    expect(answer.body['details']).toHaveProperty('code')
  })

  it('may hold members that nobody knows', async () => {
    const body = { code: '123456', sub: 'bob', issuer: null, nested: { deep: [1] }, '': 0 }
    expectProblem(await send(body), 'no-pending-enrollment')
  })

  it.each([
    ['name', `POST ${PROFILE}/setup`],
    ['reason', 'POST /api/admin/users/bob/mfa/reset'],
  ])('may hold no lone surrogate that would be stored: %s', async (member, operation) => {
    const { token } = await newUser({ scope: 'mfa:admin' })
    const answer = await service.call(operation, { token, body: `{"${member}":"a\\ud800b"}` })
    expectProblem(answer, 'invalid-request')
    expect(answer.body['details']).toHaveProperty(member)
  })

  it('read as {} when there is none', async () => {
    const { token } = await newUser()
    const answer = await service.call(VERIFY, { token })
    expectProblem(answer, 'invalid-request')
    expect(answer.body['details']).toHaveProperty('code')
  })
})

describe('the type of a body', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json; charset="utf-8"',
  ])('may be %s', async (type) => {
    expectProblem(await send('{"code":"123456"}', { 'Content-Type': type }), 'no-pending-enrollment')
  })

  it.each([
    'text/plain',
    'text/json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/json-patch+json',
    'application/problem+json',
    'application/json; charset=iso-8859-1',
    'application/json; charset=utf-16',
    'application/json; charset="utf-8',
    'application/json; charset=utf-8"',
    'text/plain; application/json',
    'application/json, text/plain',
    '',
  ])('must not be %j', async (type) => {
    expectProblem(await send('{"code":"123456"}', { 'Content-Type': type }), 'unsupported-media-type')
  })

  it('must be given with a body', async () => {
    const { token } = await newUser()
    const body = bytes('{"code":"123456"}')
    const headers = { Authorization: `Bearer ${token}` }
    const request = new Request(`${PUBLIC_URL}${PROFILE}/verify`, { method: 'POST', headers, body })
    expectProblem(await service.send(request), 'unsupported-media-type')
  })

  it.each(['gzip', 'br', 'deflate', 'identity, gzip'])('must not be compressed: %s', async (encoding) => {
    expectProblem(await send('{"code":"123456"}', { 'Content-Encoding': encoding }), 'unsupported-media-type')
  })
})

describe('a body that does not arrive', () => {
  /** A body that begins as a whole one and then neither goes on nor ends, or breaks. */
  async function sendUnfinished(then: (controller: ReadableStreamDefaultController) => void) {
    const { token } = await newUser()
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytes('{"code":"123456"}'))
        then(controller)
      },
    })
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    return service.send(new Request(`${PUBLIC_URL}${PROFILE}/verify`, { method: 'POST', headers, body }))
  }

  it('is not taken for what came of it, and waited for no longer than two seconds', async () => {
    const startedAt = Date.now()
    expectProblem(await sendUnfinished(() => {}), 'invalid-request')
    expect(Date.now() - startedAt).toBeLessThan(4_000)
  })

  it('is the client’s fault when it breaks off', async () => {
    expectProblem(await sendUnfinished((controller) => controller.error(new Error('gone'))), 'invalid-request')
  })
})
