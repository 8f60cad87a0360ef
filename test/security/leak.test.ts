import { base32nopad, base64, base64urlnopad, hex } from '@scure/base'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { useOwnDatabase } from '../support/backend.ts'
import { codeOf, wrongCode } from '../support/phone.ts'
import { dumpDatabase } from '../support/rows.ts'
import { SECRETS } from '../support/secrets.ts'
import { type Answer, newUser, PROFILE, SIGNING_JWK, startService } from '../support/service.ts'
import { accessToken } from '../support/tokens.ts'

await useOwnDatabase()
const service = startService({ MFA_KEYS: `k1:${SECRETS.master},k0:${SECRETS.otherMaster}` })

/** Everything that a whole enrollment leaves: rows, log lines, answers. */
type Traces = { readonly dump: string; readonly log: string; readonly answers: readonly Answer[] }

/** What must be found nowhere, by what it is. */
type Planted = Readonly<Record<string, readonly string[]>>

let traces: Traces
let planted: Planted

const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text))
const sha256 = async (bytes: Uint8Array<ArrayBuffer>) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))

/** The spellings in which bytes usually leak. */
function spellings(bytes: Uint8Array): readonly string[] {
  const encoded = [base32nopad, base64, base64urlnopad, hex].map((coder) => coder.encode(bytes))
  return encoded
    .flatMap((text) => [text, text.toLowerCase(), text.toUpperCase()])
    .map((text) => text.replace(/=+$/, ''))
}

async function digestSpellings(texts: readonly string[]): Promise<readonly string[]> {
  return (await Promise.all(texts.map(async (text) => spellings(await sha256(bytesOf(text)))))).flat()
}

/** An enrollment with everything that can happen in it; every code, token and secret of it. */
async function liveThrough() {
  const { sub, token } = await newUser({ email: 'planted.person@example.com', scope: 'planted-scope' })
  const otherToken = await accessToken({ sub })
  const answers: Answer[] = []
  const send = async (operation: string, request: Parameters<typeof service.call>[1]) => {
    const answer = await service.call(operation, request)
    answers.push(answer)
    return answer
  }
  const post = (name: string, body: object, by = token) => send(`POST ${PROFILE}/${name}`, { token: by, body })
  const setup = await post('setup', { name: 'Phone' })
  const secret = String(setup.body['secret'])
  const wrong = wrongCode(secret)
  const hinted = codeOf(secret, Date.now() + 300_000)
  const code = codeOf(secret)
  await post('verify', { code: wrong })
  await post('verify', { code: hinted })
  await post('verify', { code: `${wrong}0` })
  const verified = await post('verify', { code })
  await post('verify', { code })
  await post('verify', { code }, otherToken)
  const backupCodes = verified.body['backup_codes'] as readonly string[]
  await post('challenge', { code })
  await post('challenge', { code: wrong })
  await post('challenge', { backup_code: backupCodes[0] })
  await post('challenge', { backup_code: backupCodes[0] })
  await post('setup', { code })
  await send(`GET ${PROFILE}`, { token })
  await send(`GET ${PROFILE}`, { token: `${token}x` })
  await send(`GET ${PROFILE}?access_token=${token}`, {})
  return { answers, secret, backupCodes, codes: [wrong, hinted, code], tokens: [token, otherToken], setup, verified }
}

beforeAll(async () => {
  const written: unknown[] = []
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...line: unknown[]) => void written.push(...line))
  }
  const life = await liveThrough()
  vi.restoreAllMocks()
  const symbols = life.backupCodes.map((each) => each.replaceAll('-', ''))
  traces = { dump: await dumpDatabase(), log: written.map(String).join('\n'), answers: life.answers }
  planted = {
    'the TOTP secret': spellings(base32nopad.decode(life.secret)),
    'its SHA-256': await digestSpellings([life.secret]),
    'backup codes': [...life.backupCodes, ...symbols].flatMap((each) => [each, each.toLowerCase()]),
    'their SHA-256': await digestSpellings([...life.backupCodes, ...symbols]),
    'access tokens': life.tokens.flatMap((token) => [token, ...token.split('.').slice(1)]),
    'their SHA-256 ': await digestSpellings(life.tokens),
    'settings that are secret': [...Object.values(SECRETS).flatMap(spellingsOfSetting), String(SIGNING_JWK.d)],
    'codes that were tried': life.codes,
  }
})

function spellingsOfSetting(value: string): readonly string[] {
  return [value, ...spellings(base64urlnopad.decode(value)), new TextDecoder().decode(base64urlnopad.decode(value))]
}

/** Where a text is found; six digits only where they do not belong to a longer run by chance. */
function find(haystack: string, needle: string): boolean {
  if (!/^\d{6}$/.test(needle)) return haystack.includes(needle)
  return new RegExp(`(?<![\\w./+-])${needle}(?![\\w./+-])`).test(haystack)
}

const KINDS = [
  'the TOTP secret',
  'its SHA-256',
  'backup codes',
  'their SHA-256',
  'access tokens',
  'their SHA-256 ',
  'settings that are secret',
  'codes that were tried',
] as const

describe('after a whole enrollment', () => {
  it('there is something to search', () => {
    expect(traces.dump).toContain('mfa.enabled')
    expect(traces.log.split('\n').length).toBeGreaterThanOrEqual(traces.answers.length)
    expect(traces.answers.map(({ status }) => status)).toContain(200)
    expect(Object.keys(planted)).toEqual([...KINDS])
    expect(Object.values(planted).every((each) => each.length > 0)).toBe(true)
  })

  it('the search finds what is planted', () => {
    const [needle = ''] = planted['codes that were tried'] ?? []
    expect(find(`{"code":"${needle}"}`, needle)).toBe(true)
    expect(find(`{"at":1${needle}}`, needle)).toBe(false)
  })

  it.each(KINDS)('the database holds none of %s', (kind) => {
    expect((planted[kind] ?? []).filter((needle) => find(traces.dump, needle))).toEqual([])
  })

  it.each(KINDS)('the log holds none of %s', (kind) => {
    expect((planted[kind] ?? []).filter((needle) => find(traces.log, needle))).toEqual([])
  })

  it('the log holds nothing that names the person', () => {
    expect(traces.log).not.toMatch(/planted\.person|user-|planted-scope/)
  })

  it('the secret is in the answer of setup alone, the codes in those of verify, the tokens in none', () => {
    const holding = (kind: string) =>
      traces.answers.flatMap(({ text, headers }, index) => {
        const whole = text + JSON.stringify([...headers])
        return (planted[kind] ?? []).some((needle) => find(whole, needle)) ? [index] : []
      })
    expect(holding('the TOTP secret')).toEqual([0])
    expect(holding('backup codes')).toEqual([4, 5])
    expect(holding('access tokens')).toEqual([])
    expect(holding('settings that are secret')).toEqual([])
    expect(holding('codes that were tried')).toEqual([])
  })
})
