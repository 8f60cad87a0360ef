import type { Named } from './bodies.ts'
import { AUDIENCE, forge, goodClaims, goodHeader, ISSUER, type IssuerKey } from './keys.ts'

const LIFETIME = 86_400
/** JSON of values that are neither a text nor a number. */
const NEITHER = ['null', 'true', 'false', '[]', '{}', '[[]]', '{"toString":"x"}', '{"length":1}']
/** JSON that is no finite number. */
const NO_NUMBERS = [...NEITHER, '""', '"soon"', '"NaN"', '"1e9"', '1e400', '-1e400', '[1]', '["1"]', '{"valueOf":1}']

/** The token with one claim as this JSON has it; `undefined` takes the claim out. */
function withClaim(key: IssuerKey, name: string, json: string | undefined): Named<string> {
  const { [name]: _, ...rest } = goodClaims()
  const text = JSON.stringify(rest)
  const claims = json === undefined ? text : `{"${name}":${json},${text.slice(1)}`
  return [`${name} ${json?.slice(0, 60) ?? 'missing'}`, forge(key, goodHeader(key), claims)]
}

/** The token with the claims of these members beside the good ones. */
function withClaims(key: IssuerKey, name: string, claims: Readonly<Record<string, unknown>>): Named<string> {
  return [name, forge(key, goodHeader(key), { ...goodClaims(), ...claims })]
}

/** Rightly signed tokens whose claims are not those of an access token for this service. */
export function badClaims(key: IssuerKey): readonly Named<string>[] {
  const now = Math.floor(Date.now() / 1000)
  const each = (name: string, values: readonly (string | undefined)[]) =>
    values.map((json) => withClaim(key, name, json))
  const text = (value: string) => JSON.stringify(value)
  return [
    ...each('exp', [
      undefined,
      ...NO_NUMBERS,
      text(String(now + 600)),
      '0',
      '-0',
      '-1',
      String(now - 10),
      String(now - 3600),
    ]),
    ...each('exp', [
      String(-now),
      '1e15',
      '9007199254740993',
      '1e308',
      String(now + LIFETIME + 600),
      String((now + 600) * 1000),
      '5e-324',
    ]),
    ...each('nbf', [...NO_NUMBERS, text(String(now)), String(now + 60), '1e15', String(now * 1000), '1e308']),
    ...each('iat', [
      ...NO_NUMBERS,
      text(String(now)),
      String(now + 60),
      '1e15',
      String(now * 1000),
      '0',
      '-1',
      String(now - LIFETIME),
    ]),
    ...each('iss', [
      undefined,
      ...NEITHER,
      '0',
      '""',
      text(`${ISSUER}/`),
      text(ISSUER.toUpperCase()),
      text(ISSUER.slice(0, -1)),
    ]),
    ...each('iss', [
      text(`${ISSUER}.evil.example`),
      text(`${ISSUER}@evil.example`),
      text(` ${ISSUER}`),
      text(`${ISSUER}\u0000`),
    ]),
    ...each('iss', [
      text(ISSUER.replace('https', 'http')),
      text(`${ISSUER}:443`),
      text(`${ISSUER}#`),
      `[${text(ISSUER)}]`,
      text('*'),
    ]),
    ...each('aud', [
      undefined,
      ...NEITHER,
      '0',
      '""',
      '[""]',
      text(AUDIENCE.toUpperCase()),
      text(`${AUDIENCE} `),
      text(` ${AUDIENCE}`),
    ]),
    ...each('aud', [
      text(AUDIENCE.slice(0, -1)),
      text(`${AUDIENCE}x`),
      text(`x,${AUDIENCE}`),
      text(`x ${AUDIENCE}`),
      text('*'),
    ]),
    ...each('aud', [
      `[[${text(AUDIENCE)}]]`,
      '["x"]',
      `[${text(`${AUDIENCE} x`)}]`,
      `{"0":${text(AUDIENCE)}}`,
      `{${text(AUDIENCE)}:1}`,
    ]),
    ...each('sub', [
      undefined,
      ...NEITHER,
      '0',
      '1',
      '""',
      '"."',
      '".."',
      text('a'.repeat(256)),
      text('a'.repeat(5000)),
      '["alice"]',
    ]),
    ...each('sub', [
      '"alice\\u0000"',
      '"\\u0000"',
      '"al\\nice"',
      '"al\\tice"',
      '"alice\\u007f"',
      '"\\u0080"',
      '"\\ud800"',
      '"al\\udc00ice"',
    ]),
    ...each('sub', [
      text('älice'),
      text('аlice'),
      text('ali\u202ece'),
      text('alice\u200b'),
      text('\ufeffalice'),
      text('😀'),
      text('alice\u2028'),
    ]),
    withClaims(key, 'a lifetime that is too long', { iat: now - 60, exp: now + LIFETIME }),
    withClaims(key, 'over before it began', { nbf: now - 60, iat: now - 60, exp: now - 30 }),
    twice(key, { name: 'sub', first: '"alice"', last: '""' }),
    twice(key, { name: 'exp', first: String(now + 600), last: String(now - 600) }),
    twice(key, { name: 'iss', first: text(ISSUER), last: text('https://attacker.example') }),
    twice(key, { name: 'aud', first: text(AUDIENCE), last: '"other"' }),
    [
      'claims under __proto__',
      forge(key, goodHeader(key), `{"__proto__":${JSON.stringify(goodClaims())},"exp":${now + 600}}`),
    ],
    ['claims in capitals', forge(key, goodHeader(key), JSON.stringify(goodClaims()).toUpperCase())],
    withClaims(key, 'what a step-up token says', {
      iss: 'https://mfa.example',
      aud: 'https://api.example',
      sub_iss: ISSUER,
    }),
  ]
}

/** The last of two claims of one name is the one that counts (RFC 7519 §4), here the bad one. */
function twice(key: IssuerKey, { name, first, last }: { name: string; first: string; last: string }): Named<string> {
  const { [name]: _, ...rest } = goodClaims()
  const claims = `{"${name}":${first},"${name}":${last},${JSON.stringify(rest).slice(1)}`
  return [`${name} twice, the bad one last`, forge(key, goodHeader(key), claims)]
}

/** Claims that are odd and still those of an access token. */
export function oddClaims(key: IssuerKey): readonly Named<string>[] {
  const now = Math.floor(Date.now() / 1000)
  const claims: readonly Readonly<Record<string, unknown>>[] = [
    { exp: now + 600.5 },
    { nbf: now - 0.5, iat: now - 0.5 },
    { nbf: 0 },
    { nbf: -1 },
    { iat: undefined },
    { aud: [AUDIENCE] },
    { aud: ['x', AUDIENCE, 'y'] },
    { aud: [AUDIENCE, AUDIENCE] },
    { sub: ' ' },
    { sub: '~' },
    { sub: '...' },
    { sub: 'a'.repeat(255) },
    { sub: "'; DROP TABLE subject;--" },
    { sub: '../../x' },
    { sub: '<script>alert(1)</script>' },
    { sub: '%00' },
    { jti: 1, auth_time: 'yesterday', scope: ['mfa:admin'], email: {}, preferred_username: '\ud800' },
    { auth_time: null, scope: null, email: '\u202e', jti: null, act: {}, cnf: { jkt: 'x' } },
    { ['__proto__']: { sub: 'mallory' } },
  ]
  return claims.map((each): Named<string> => withClaims(key, JSON.stringify(each).slice(0, 60), each))
}

/** Scopes that look like that of an administrator, and grant nothing. */
export const NO_SCOPES: readonly unknown[] = [
  ...[
    'mfa:administrator',
    'xmfa:admin',
    'MFA:ADMIN',
    'mfa:admin,mfa:read',
    'mfa:admin\n',
    'mfa:admin\u0000',
    'mfa:\u0061dmin\u200b',
  ],
  ...[
    'mfa:*',
    '*',
    'mfa',
    'mfa: admin',
    'mfa%3aadmin',
    '"mfa:admin"',
    'mfa:admin;',
    '\tmfa:admin',
    'mfa:admin\u00a0x',
    '',
  ],
  ...[
    null,
    true,
    1,
    [],
    {},
    ['mfa:admin'],
    [['mfa:admin']],
    { 'mfa:admin': true },
    { 0: 'mfa:admin' },
    ['mfa:read mfa:admin'],
  ],
]

/** Subjects that a path could take for one another, or for more than a segment; and their doubles, who are others. */
export const SUBS = ['a/b', '%2561', 'a b', 'a?b', '...', '%', 'a\\b', '%2F', 'x#y', "'", '%zz', 'a;b', '%252e', 'mfa']
export const DOUBLES = [
  'a%2Fb',
  '%61',
  'a',
  'a+b',
  'a%20b',
  '%25',
  '..a',
  'a/',
  '/',
  '#',
  'a%5Cb',
  '%27',
  '%2e',
  'A',
  'MFA',
  'a%00b',
]
