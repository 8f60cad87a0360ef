import { base64urlnopad } from '@scure/base'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { environment, KEY_SET, SIGNING_KEY } from './support/environment.ts'
import { SECRETS } from './support/secrets.ts'

const PLANTED = 'planted'
const SINGLE = {
  AUTH_ISSUER: undefined,
  AUTH_AUDIENCE: undefined,
  AUTH_HS256_SECRET: undefined,
}
const STAFF = { issuer: 'https://staff.example', audience: 'edge-mfa', jwks_url: 'https://staff.example/jwks' }
const CUSTOMERS = { issuer: 'https://customers.example', audience: 'portal', hs256_secret: SECRETS.hs256 }
const MOVED = { ...STAFF, issuer: 'https://new.example', subject_issuer: STAFF.issuer }

type Overrides = Readonly<Record<string, unknown>>

function listing(entries: unknown, overrides: Overrides = {}): Record<string, unknown> {
  return environment({ ...SINGLE, AUTH_ISSUERS: JSON.stringify(entries), ...overrides })
}

function load(entries: unknown, overrides: Overrides = {}) {
  const loaded = loadConfig(listing(entries, overrides))
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.failure))
  return loaded.value
}

/** The errors of a list, as the log and the doctor write them. */
function errorsOf(entries: unknown, overrides: Overrides = {}): string[] {
  const loaded = loadConfig(listing(entries, overrides))
  return loaded.ok ? [] : loaded.failure.map(({ name, message }) => `${name}: ${message}`)
}

describe('AUTH_ISSUERS', () => {
  it('lists issuers, and takes what an entry leaves out from the setting of that name', () => {
    const { issuers, corsOrigins } = load([STAFF, CUSTOMERS], {
      MFA_ACCOUNT_CLAIM: 'upn',
      ENROLL_MAX_AGE_SECONDS: '300',
      CORS_ORIGINS: 'https://app.example',
    })
    const defaults = {
      maxLifetimeSeconds: 86_400,
      privileged: false,
      mfaIssuer: 'Example',
      accountClaim: 'upn',
      stepUpAudience: 'https://api.example',
      enrollMaxAgeSeconds: 300,
      corsOrigins: ['https://app.example'],
    }
    expect(issuers).toEqual([
      {
        ...defaults,
        iss: STAFF.issuer,
        audience: 'edge-mfa',
        keys: { kind: 'remote', url: new URL(STAFF.jwks_url) },
        algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
        subjectIssuer: STAFF.issuer,
      },
      {
        ...defaults,
        iss: CUSTOMERS.issuer,
        audience: 'portal',
        keys: { kind: 'secret', secret: new Uint8Array(base64urlnopad.decode(SECRETS.hs256)) },
        algorithms: ['HS256'],
        subjectIssuer: CUSTOMERS.issuer,
      },
    ])
    expect(corsOrigins).toEqual(['https://app.example'])
  })

  it('prefers what an entry says, and allows the origins of all entries in preflights', () => {
    const own = {
      algorithms: ['ES256'],
      subject_issuer: 'https://old.example',
      privileged: true,
      mfa_issuer: 'Staff',
      account_claim: 'login',
      step_up_audience: 'https://staff-api.example',
      enroll_max_age_seconds: 60,
      cors_origins: ['https://staff-app.example'],
    }
    const { issuers, corsOrigins } = load([{ ...STAFF, ...own }, CUSTOMERS], { CORS_ORIGINS: 'https://app.example' })
    expect(issuers[0]).toMatchObject({
      algorithms: ['ES256'],
      subjectIssuer: 'https://old.example',
      privileged: true,
      mfaIssuer: 'Staff',
      accountClaim: 'login',
      stepUpAudience: 'https://staff-api.example',
      enrollMaxAgeSeconds: 60,
      corsOrigins: ['https://staff-app.example'],
    })
    expect(corsOrigins).toEqual(['https://staff-app.example', 'https://app.example'])
  })

  it('is continued by AUTH_ISSUERS_2 to _9, in any of which the list may begin', () => {
    const rest = { AUTH_ISSUERS_2: JSON.stringify([CUSTOMERS]), AUTH_ISSUERS_9: JSON.stringify([MOVED_ALONE]) }
    expect(load([STAFF], rest).issuers.map(({ iss }) => iss)).toEqual([
      STAFF.issuer,
      CUSTOMERS.issuer,
      MOVED_ALONE.issuer,
    ])
    expect(load([], { ...rest, AUTH_ISSUERS: undefined }).issuers).toHaveLength(2)
  })

  it('may be a table in wrangler.toml, and holds keys of every kind', () => {
    const inline = { issuer: 'https://inline.example', audience: 'edge-mfa', jwks: JSON.parse(KEY_SET) }
    const { issuers } = load([], { AUTH_ISSUERS: [STAFF, CUSTOMERS, inline] })
    expect(issuers.map(({ keys }) => keys.kind)).toEqual(['remote', 'secret', 'inline'])
  })

  it('lets issuers share subjects when each of them says so', () => {
    const old = { ...STAFF, subject_issuer: STAFF.issuer }
    expect(load([old, MOVED]).issuers.map(({ subjectIssuer }) => subjectIssuer)).toEqual([STAFF.issuer, STAFF.issuer])
    const secrets = [old, MOVED].map(({ jwks_url: _, ...entry }) => ({ ...entry, hs256_secret: SECRETS.hs256 }))
    expect(errorsOf(secrets)).toEqual([])
  })

  it('takes fifty issuers', () => {
    const entries = Array.from({ length: 50 }, (_, at) => ({ ...STAFF, issuer: `https://issuer-${at}.example` }))
    expect(load(entries).issuers).toHaveLength(50)
  })
})

const MOVED_ALONE = { ...MOVED, subject_issuer: 'https://gone.example' }

describe('an error in AUTH_ISSUERS', () => {
  it.each<[string, unknown, string]>([
    ['a missing issuer', { ...STAFF, issuer: undefined }, '[1].issuer is missing'],
    ['an empty issuer', { ...STAFF, issuer: '' }, '[1].issuer must not be empty'],
    ['an issuer that is no string', { ...STAFF, issuer: [PLANTED] }, '[1].issuer must be a string'],
    ['a missing audience', { ...STAFF, audience: undefined }, '[1].audience is missing'],
    ['several audiences', { ...STAFF, audience: [PLANTED] }, '[1].audience must be a string'],
    ['a key set without TLS', { ...STAFF, jwks_url: `http://${PLANTED}.example` }, '[1].jwks_url must be an https URL'],
    [
      'no keys',
      { ...STAFF, jwks_url: undefined },
      '[1].jwks_url must be set, or jwks, or hs256_secret, and only one of them',
    ],
    ['keys of two kinds', { ...STAFF, hs256_secret: SECRETS.hs256 }, '[1].jwks_url must be set, or jwks, or'],
    [
      'a short secret',
      { ...CUSTOMERS, issuer: 'https://c.example', hs256_secret: PLANTED },
      '[1].hs256_secret must be 32 bytes or more',
    ],
    ['a private key', { ...STAFF, jwks_url: undefined, jwks: { keys: [JSON.parse(SIGNING_KEY)] } }, '[1].jwks.keys[0]'],
    [
      'HS256 with a key set',
      { ...STAFF, algorithms: ['RS256', 'HS256'] },
      '[1].algorithms may name HS256 with a secret',
    ],
    ['RS256 with a secret', { ...CUSTOMERS, issuer: 'https://c.example', algorithms: ['RS256'] }, '[1].algorithms may'],
    ['no algorithms', { ...STAFF, algorithms: [] }, '[1].algorithms must be an array of algorithms'],
    ['a privilege that is no boolean', { ...STAFF, privileged: PLANTED }, '[1].privileged must be true or false'],
    ['a name with a colon', { ...STAFF, mfa_issuer: `${PLANTED}:` }, '[1].mfa_issuer must be 1 to 64 characters'],
    ['an age that is no number', { ...STAFF, enroll_max_age_seconds: PLANTED }, '[1].enroll_max_age_seconds must be'],
    ['an age of zero', { ...STAFF, enroll_max_age_seconds: 0 }, '[1].enroll_max_age_seconds must be a whole number'],
    [
      'an origin with a path',
      { ...STAFF, cors_origins: [`https://a.example/${PLANTED}`] },
      '[1].cors_origins[0] must be',
    ],
    ['an unknown member', { ...STAFF, subject_isuer: PLANTED }, '[1] has unknown members: subject_isuer'],
    ['a value in place of a name', { ...STAFF, [`${PLANTED} !`]: 1 }, '[1] has unknown members'],
    ['no object', PLANTED, '[1] must be an object'],
    ['an array', [PLANTED], '[1] must be an object'],
    ['the issuer of another entry', { ...STAFF, issuer: CUSTOMERS.issuer }, '[1].issuer must differ'],
    [
      'the audience of step-up tokens',
      { ...STAFF, step_up_audience: STAFF.audience },
      '[1].step_up_audience must differ',
    ],
    ['that of another entry', { ...STAFF, step_up_audience: 'portal' }, '[1].step_up_audience must differ from every'],
    [
      'the issuer of step-up tokens',
      { ...STAFF, step_up_audience: 'https://mfa.example' },
      '[1].step_up_audience must',
    ],
  ])('names the entry by its index and the member, and repeats no value: %s', (_, entry, message) => {
    const [error, ...others] = errorsOf([CUSTOMERS, entry])
    expect(others).toEqual([])
    expect(error).toContain(`AUTH_ISSUERS: ${message}`)
    expect(error).not.toContain(PLANTED)
    expect(error).not.toContain(SECRETS.hs256)
  })

  it.each([PLANTED, '{}', '[]', 'null', '7', `[{"issuer":"${PLANTED}"`])('is a text that is no list: %s', (text) => {
    const errors = errorsOf([], { AUTH_ISSUERS: text })
    expect(errors).toEqual([expect.stringMatching(/^AUTH_ISSUERS: must /)])
    expect(errors.join()).not.toContain(PLANTED)
  })

  it('names the variable in which the entry is, and is reported with all others at once', () => {
    const further = { AUTH_ISSUERS_3: JSON.stringify([CUSTOMERS, { ...STAFF, audience: 7 }]), MFA_ISSUER: 'a:b' }
    const errors = errorsOf([{ ...STAFF, issuer: undefined, algorithms: ['none'] }, CUSTOMERS], further)
    expect(errors.toSorted()).toEqual([
      expect.stringContaining('AUTH_ISSUERS: [0].algorithms may name'),
      'AUTH_ISSUERS: [0].issuer is missing',
      'AUTH_ISSUERS_3: [0].issuer must differ from that of every other entry',
      'AUTH_ISSUERS_3: [1].audience must be a string',
      expect.stringContaining('MFA_ISSUER: must be'),
    ])
  })

  it('is each setting of a single issuer beside it', () => {
    const single = { AUTH_ISSUER: 'https://a.example', AUTH_AUDIENCE: 'a', AUTH_ALGORITHMS: 'HS256' }
    const keys = { AUTH_JWKS_URL: 'https://a.example/jwks', AUTH_JWKS: KEY_SET, AUTH_HS256_SECRET: SECRETS.hs256 }
    const errors = errorsOf([STAFF], { ...single, ...keys })
    expect(errors).toHaveLength(6)
    expect(errors.every((error) => error.endsWith('must be absent where AUTH_ISSUERS lists the issuers'))).toBe(true)
  })

  it('is a shared subject_issuer to which an entry does not consent', () => {
    const message = 'AUTH_ISSUERS: [0].subject_issuer is missing: another entry keeps its subjects under this issuer'
    expect(errorsOf([STAFF, MOVED])).toEqual([message])
  })

  it('is a shared secret that shares its subjects with a key set', () => {
    const weaker = { ...CUSTOMERS, subject_issuer: STAFF.issuer }
    const errors = errorsOf([{ ...STAFF, subject_issuer: STAFF.issuer }, weaker])
    expect(errors).toEqual([expect.stringContaining('AUTH_ISSUERS: [1].hs256_secret must not stand in an entry')])
  })

  it('is a step-up issuer or audience that an entry accepts', () => {
    const entries = [STAFF, { ...CUSTOMERS, issuer: 'https://mfa.example', audience: 'https://api.example' }]
    expect(errorsOf(entries)).toEqual([
      'STEP_UP_ISSUER: must differ from every issuer of access tokens',
      'STEP_UP_AUDIENCE: must differ from every audience of access tokens',
    ])
  })
})
