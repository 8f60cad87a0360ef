import { generateKeyPairSync } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import type { Named } from './bodies.ts'
import { forge, goodClaims, goodHeader, type IssuerKey, part, signEc } from './keys.ts'

const ELSEWHERE = 'https://attacker.example/keys'

/** Header members that point to keys or demand what nobody here knows: refused whatever they say. */
const REFUSED: readonly (readonly [string, readonly unknown[]])[] = [
  ['jku', [ELSEWHERE, 'http://127.0.0.1:1/keys', 'file:///etc/passwd', '', null, 1, [ELSEWHERE], {}]],
  ['x5u', [ELSEWHERE, 'data:application/json,{}', '', null]],
  ['x5c', [['MIIB'], [], 'MIIB', null]],
  ['jwk', [{ kty: 'oct', k: 'AAAA' }, {}, '', null]],
  [
    'crit',
    [['exp'], ['b64'], ['alg'], ['typ'], ['crit'], ['x'], [''], [], ['exp', 'exp'], [1], [null], 'exp', {}, null, true],
  ],
]

const TYPES: readonly unknown[] = [
  ...['mfa-stepup+jwt', 'application/mfa-stepup+jwt', 'dpop+jwt', 'id+jwt', 'logout+jwt', 'secevent+jwt', 'rt+jwt'],
  ...['JWE', 'JOSE', 'JOSE+JSON', 'at+jwt ', ' at+jwt', 'at+jwt\n', 'at+jwt\u0000', 'at jwt', 'at%2Bjwt', 'at-jwt', ''],
  ...[
    'text/jwt',
    'application/application/jwt',
    'application/',
    'application/at+jwt; charset=utf-8',
    'jwt,at+jwt',
    'ａt+jwt',
  ],
  ...['token-introspection+jwt', 'oauth-authz-req+jwt', 'vc+jwt', 'jwt\u0131', 'JWTs', '*'],
  ...[null, 0, true, [], {}, ['at+jwt'], ['JWT'], { toString: 'JWT' }],
]

/** Rightly signed tokens whose header is hostile. */
export function badHeaders(key: IssuerKey): readonly Named<string>[] {
  const good = goodHeader(key)
  const members = REFUSED.flatMap(([name, values]) =>
    values.map((value): Named<Readonly<Record<string, unknown>>> => {
      return [`${name} ${JSON.stringify(value)}`, { ...good, [name]: value }]
    }),
  )
  const types = TYPES.map(
    (typ): Named<Readonly<Record<string, unknown>>> => [`typ ${JSON.stringify(typ)}`, { ...good, typ }],
  )
  return [
    ...[...members, ...types].map(([name, header]): Named<string> => [name, forge(key, header)]),
    ['its own public key as jwk', forge(key, { ...good, jwk: key.jwk })],
    ['b64 of false, as RFC 7797 has it', forge(key, { ...good, b64: false, crit: ['b64'] })],
    ...texts(key),
    ...strangers(key),
  ]
}

/** Headers that are not the JSON object that they should be. */
function texts(key: IssuerKey): readonly Named<string>[] {
  const text = JSON.stringify(goodHeader(key))
  const headers: readonly Named<unknown>[] = [
    ['an array', `[${text}]`],
    ['a string', JSON.stringify(text)],
    ['null', 'null'],
    ['a number', '1'],
    ['nothing in it', '{}'],
    ['a byte order mark', `\ufeff${text}`],
    ['two objects', text + text],
    ['a trailing comma', text.replace('}', ',}')],
    ['a comment', `/**/${text}`],
    ['a NUL after it', `${text}\u0000`],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    [
      'a byte that is no UTF-8',
      Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xff]), Buffer.from(`",${text.slice(1)}`)]),
    ],
    [
      'an overlong slash',
      Buffer.concat([Buffer.from('{"x":"'), Buffer.from([0xc0, 0xaf]), Buffer.from(`",${text.slice(1)}`)]),
    ],
    ['members of __proto__', `{"__proto__":${text}}`],
    ['base64 once more', part(text)],
  ]
  return headers.map(([name, header]): Named<string> => [`a header that is ${name}`, forge(key, header)])
}

/** Tokens of an attacker who brings the key along. */
function strangers(key: IssuerKey): readonly Named<string>[] {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'attacker' }
  const headers = [
    { jwk },
    { jwk, kid: key.kid },
    { jku: ELSEWHERE, kid: 'attacker' },
    { kid: 'attacker' },
    {},
    { kid: key.kid },
  ]
  return headers.map((header): Named<string> => {
    const signed = `${part({ alg: 'ES256', typ: 'at+jwt', ...header })}.${part(goodClaims())}`
    return [
      `an attacker's key with ${Object.keys(header)}`,
      `${signed}.${part(signEc(signed, privateKey, 'ieee-p1363'))}`,
    ]
  })
}

/** Ids of keys that no key of a set has. */
export function badKeyIds(key: IssuerKey): readonly Named<string>[] {
  const ids = [
    ...[
      '',
      ' ',
      '.',
      '../../dev/null',
      '/dev/null',
      'file:///dev/null',
      `${key.kid} `,
      `${key.kid}\u0000`,
      key.kid.toUpperCase(),
    ],
    ...[
      "' UNION SELECT 'AAAA'--",
      '{{7*7}}',
      '| cat /etc/passwd',
      '__proto__',
      'constructor',
      'x'.repeat(3000),
      '*',
      ELSEWHERE,
    ],
  ]
  return ids.map(
    (kid): Named<string> => [`kid ${JSON.stringify(kid).slice(0, 60)}`, forge(key, { ...goodHeader(key), kid })],
  )
}

/** Claims that are not the JSON object that they should be. */
export function badPayloads(key: IssuerKey): readonly Named<string>[] {
  const text = JSON.stringify(goodClaims())
  const between = (bytes: readonly number[]) =>
    Buffer.concat([Buffer.from('{"x":"'), Buffer.from(bytes), Buffer.from(`",${text.slice(1)}`)])
  const payloads: readonly Named<unknown>[] = [
    ...['null', 'true', '0', '""', '[]', '{}', `[${text}]`, `"${part(text)}"`].map(
      (each): Named<unknown> => [each.slice(0, 20), each],
    ),
    ['a byte order mark', `\ufeff${text}`],
    ['two objects', text + text],
    ['a trailing comma', text.replace('}', ',}')],
    ['cut off', text.slice(0, -1)],
    ['a NUL after it', `${text}\u0000`],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ...[[0xff], [0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]].map((bytes): Named<unknown> => {
      return [`the bytes ${bytes.map((byte) => byte.toString(16))}`, between(bytes)]
    }),
    ['members of __proto__', `{"__proto__":${text}}`],
    ['base64 once more', part(text)],
    ['compressed', deflateRawSync(text)],
    ['a token', forge(key)],
    ['a thousand arrays', '['.repeat(1000) + ']'.repeat(1000)],
    ['two thousand objects without an end', '{"a":'.repeat(1000)],
  ]
  return payloads.map(
    ([name, payload]): Named<string> => [`claims that are ${name}`, forge(key, goodHeader(key), payload)],
  )
}

/** Header members that are odd and mean nothing: such a token may be taken or refused, and never breaks anything. */
export function oddHeaders(key: IssuerKey): readonly Named<string>[] {
  const odd: readonly Readonly<Record<string, unknown>>[] = [
    ...[null, 0, true, [], {}, [key.kid]].map((kid) => ({ kid })),
    { b64: false },
    { zip: 'DEF' },
    { enc: 'A256GCM' },
    { cty: 'JWT' },
    { x5t: 'AAAA' },
    { 'x5t#S256': 'AAAA' },
    { iss: 'https://attacker.example' },
    { x: 'y'.repeat(2000) },
    { JKU: ELSEWHERE, Crit: ['x'] },
  ]
  const { alg, kid } = key
  return [
    ...odd.map(
      (members): Named<string> => [
        JSON.stringify(members).slice(0, 60),
        forge(key, { ...goodHeader(key), ...members }),
      ],
    ),
    ['alg twice, the right one last', forge(key, `{"alg":"none","kid":"${kid}","alg":"${alg}"}`)],
    ['kid twice', forge(key, `{"kid":"x","alg":"${alg}","kid":"${kid}"}`)],
    ['spaces in the header', forge(key, ` {"alg" : "${alg}",\n"kid":"${kid}"}\t`)],
    ['escapes in the header', forge(key, `{"\\u0061lg":"${alg}","kid":"${kid}"}`)],
    ['a member __proto__', forge(key, `{"alg":"${alg}","kid":"${kid}","__proto__":{"crit":["x"]}}`)],
  ]
}
