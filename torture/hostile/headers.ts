import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { CANARY } from '../lib/answers.ts'

/** A well-formed body, with a code that is never to be looked at. */
export const GOOD_BODY = new Uint8Array(Buffer.from('{"code":"123456","name":"x","reason":"x"}'))

/** Media types that are not JSON in UTF-8, as whole header lines; several lines are sent as several. */
export const OTHER_TYPES: readonly (readonly string[])[] = [
  ...['text/plain', 'text/json', 'text/html', 'text/xml', 'application/xml', 'application/x-www-form-urlencoded'],
  ...['multipart/form-data; boundary=x', 'application/octet-stream', 'application/x-json', 'application/jsonp'],
  ...['application/json5', 'application/json-seq', 'application/x-ndjson', 'application/ld+json', 'application/jwt'],
  ...['application/problem+json', 'application/merge-patch+json', 'application/json-patch+json', 'text/javascript'],
  ...['application/json; charset=utf-16', 'application/json; charset=iso-8859-1', 'application/json; charset=utf-7'],
  ...['application/json; charset=utf8', 'application/json; charset=', 'application/json; charset', 'application/json;'],
  ...['application/json; charset=utf-8; charset=utf-16', 'application/json; boundary=x', 'application/json; q=1'],
  ...['application/json; charset="utf-8', "application/json; charset='utf-8'", 'application/json; charset=utf-8;'],
  ...['application/json, text/plain', 'text/plain, application/json', 'application/json application/json'],
  ...['*/*', 'application/*', 'json', '/', 'application/', '/json', 'application /json', 'application\\json', '"'],
  ...['application/json\u00a0', 'application/ĵson', 'application/json\u0130', 'ａpplication/json', CANARY],
  ...['text/plain; application/json', 'application/json(comment)', `application/json; x=${'y'.repeat(8000)}`, ''],
]
  .map((type): readonly string[] => [`Content-Type: ${Buffer.from(type, 'utf8').toString('latin1')}`])
  .concat([
    ['Content-Type: application/json', 'Content-Type: text/plain'],
    ['Content-Type: text/plain', 'Content-Type: application/json'],
    ['Content-Type: application/json', 'Content-Type: application/json'],
    ['X-Content-Type: application/json'],
  ])

/** Compressed bodies, honest and lying: none is taken. */
export const ENCODED: readonly (readonly [string, Uint8Array])[] = [
  ['gzip', gzipSync(GOOD_BODY)],
  ['x-gzip', gzipSync(GOOD_BODY)],
  ['deflate', deflateSync(GOOD_BODY)],
  ['deflate', deflateRawSync(GOOD_BODY)],
  ['br', brotliCompressSync(GOOD_BODY)],
  ['gzip, gzip', gzipSync(gzipSync(GOOD_BODY))],
  ['gzip', gzipSync(Buffer.alloc(1_000_000, ' '))],
  ...['gzip', 'deflate', 'br', 'zstd', 'compress', 'identity', 'aes128gcm', 'GZIP', 'utf-8', '*', ',', CANARY].map(
    (name): [string, Uint8Array] => [name, GOOD_BODY],
  ),
]

const HOSTS = ['evil.example', 'mfa.example.', 'MFA.EXAMPLE', 'mfa.example:1', '[::1]:80', '127.0.0.1', 'localhost']

/** Header lines that must change nothing of what a request means. */
export const BESIDE_THE_POINT: readonly (readonly string[])[] = [
  ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', '_method'].map((name) => [`${name}: DELETE`]),
  ...['X-Original-URL', 'X-Rewrite-URL', 'X-Override-URL', 'X-Forwarded-Path', 'X-Forwarded-Prefix'].map((name) => [
    `${name}: /api/user/profile/mfa/disable`,
  ]),
  ...['X-Forwarded-Host', 'X-Host', 'X-Forwarded-Server', 'Forwarded', 'X-HTTP-Host-Override'].map((name) => [
    `${name}: host=evil.example`,
  ]),
  ...[
    'X-Forwarded-For',
    'X-Real-IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'CF-Connecting-IPv6',
    'X-Client-IP',
  ].flatMap((name) =>
    ['', '::1', '999.1.1.1', "' OR 1=1--", '127.0.0.1, 127.0.0.1', CANARY].map((value) => [`${name}: ${value}`]),
  ),
  ...['X-Forwarded-Proto: http', 'X-Forwarded-Port: 0', 'X-Forwarded-Scheme: javascript', 'CF-Visitor: {"scheme":'],
  ...['CF-IPCountry: XX', 'CF-Ray: 0', 'CF-Worker: evil.example', 'CF-EW-Via: 15', 'CDN-Loop: cloudflare; loops=99'],
  ...['Cookie: token=x; Authorization=Bearer x', 'Proxy-Authorization: Bearer x', 'X-Authorization: Bearer x'],
  ...['Range: bytes=0-1', 'If-None-Match: *', 'If-Match: "x"', 'If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT'],
  ...[
    'If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT',
    'Accept: text/html',
    'Accept: ',
    'Accept: application/xml;q=x',
  ],
  ...['Accept-Encoding: gzip, br, zstd', 'Accept-Encoding: *;q=0', 'Accept-Charset: utf-16', 'Accept-Language: ..%2f'],
  ...['TE: trailers', 'Trailer: X-Request-Id', 'Keep-Alive: timeout=99999', 'Via: 1.1 evil', 'Max-Forwards: 0'],
  ...[
    'Content-Type: text/plain',
    'Content-Encoding: gzip',
    'Content-Language: x',
    'Content-MD5: x',
    'Prefer: respond-async',
  ],
  ...[
    'User-Agent: () { :; }; /bin/sh',
    'Referer: javascript:alert(1)',
    `User-Agent: ${CANARY}`,
    `Referer: http://${CANARY}/`,
  ],
  ...['Upgrade: h2c', 'Upgrade: websocket', 'HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA', 'Service-Worker: script'],
  ...[
    'traceparent: x',
    `baggage: a=${CANARY}`,
    'Sec-Fetch-Site: cross-site',
    'Sec-GPC: 1',
    'Purpose: prefetch',
    'X: $\u007bjndi:ldap://x}',
  ],
  ...[
    '__proto__: x',
    'constructor: x',
    'toString: x',
    'hasOwnProperty: x',
    'then: x',
    'Early-Data: 1',
    'Cache-Control: only-if-cached',
  ],
].map((lines) => (typeof lines === 'string' ? [lines] : lines))

/** Many or long header lines: they may be refused by the runtime, and mean nothing otherwise. */
export const OVERSIZED: readonly (readonly string[])[] = [
  Array.from({ length: 100 }, (_, index) => `X-Header-${index}: ${CANARY}`),
  Array.from({ length: 1000 }, () => 'X-Header: y'),
  [`X-Header: ${'y'.repeat(65_536)}`],
  [`X-Header: ${'y'.repeat(500_000)}`],
  [`${'X'.repeat(65_536)}: y`],
  [`Cookie: ${'a=b; '.repeat(10_000)}`],
  [`User-Agent: ${'😀'.repeat(4000)}`],
]

/** Ids of a request that are none, which the answer must not carry. */
export const NO_REQUEST_IDS: readonly string[] = [
  ...[
    '',
    'x',
    CANARY,
    '../../etc/passwd',
    '<script>',
    '{00000000-0000-4000-8000-000000000000}',
    '00000000000040008000',
  ],
  ...['urn:uuid:00000000-0000-4000-8000-000000000000', '00000000-0000-4000-8000-00000000000g', `${'0'.repeat(5000)}`],
  ...['00000000-0000-4000-8000-000000000000 x', '00000000-0000-4000-8000-0000000000000', '\u00ff\u00fe', '"', "'--"],
]

/** Origins that are not the configured one, however near they come. */
export const OTHER_ORIGINS: readonly string[] = [
  ...['null', '', '*', 'https://evil.example', 'http://app.example', 'https://app.example.', 'https://app.example:444'],
  ...['https://app.example.evil.example', 'https://evilapp.example', 'https://app.example@evil.example', 'https://'],
  ...[
    'https://APP.example',
    'https://app.example/',
    'https://app.example, https://evil.example',
    'file://',
    'app.example',
  ],
  ...[
    'https://app.example https://app.example',
    'https://app%2eexample',
    `https://${'a'.repeat(20_000)}`,
    `x${CANARY}`,
  ],
]

/** Hosts that a request may claim. */
export const OTHER_HOSTS: readonly string[] = [
  ...HOSTS,
  ...['user@evil.example', 'evil.example:99999', 'evil.example/health?', 'evil.example#', 'a b', '..', '%00', '"'],
  ...[
    'mfa.example, evil.example',
    `${'a'.repeat(5000)}.example`,
    'xn--zzzz',
    '\u00e9vil.example',
    '[::1',
    '0x7f.1',
    CANARY,
  ],
]
