const CRLF = '\r\n'
const PATH = '/api/user/profile/mfa'
const HIDDEN = `GET /.well-known/jwks.json HTTP/1.1${CRLF}Host: mfa.example${CRLF}${CRLF}`

/** Bytes that are no request, or that two servers would read as two different ones. */
export function ambiguousRequests(token: string): readonly (readonly [string, string])[] {
  const post = (headers: readonly string[], body: string) =>
    [
      `POST ${PATH}/verify HTTP/1.1`,
      'Host: mfa.example',
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      ...headers,
      '',
      body,
    ].join(CRLF)
  const get = (line: string, headers: readonly string[] = []) =>
    [line, 'Host: mfa.example', `Authorization: Bearer ${token}`, ...headers, '', ''].join(CRLF)
  const chunk = `0${CRLF}${CRLF}${HIDDEN}`
  return [
    ['a length, then chunks', post(['Content-Length: 4', 'Transfer-Encoding: chunked'], chunk)],
    ['chunks, then a length', post(['Transfer-Encoding: chunked', 'Content-Length: 4'], chunk)],
    ['two lengths, the short one first', post(['Content-Length: 0', `Content-Length: ${HIDDEN.length}`], HIDDEN)],
    ['two lengths, the long one first', post([`Content-Length: ${HIDDEN.length}`, 'Content-Length: 0'], HIDDEN)],
    ['a list of lengths', post([`Content-Length: 0, ${HIDDEN.length}`], HIDDEN)],
    ['a length with a plus', post([`Content-Length: +${HIDDEN.length}`], HIDDEN)],
    ['a negative length', post(['Content-Length: -1'], HIDDEN)],
    ['a length in hexadecimal', post(['Content-Length: 0x10'], HIDDEN)],
    ['a length with a fraction', post(['Content-Length: 2.0'], HIDDEN)],
    ['a length beyond 64 bits', post(['Content-Length: 18446744073709551617'], HIDDEN)],
    ['a length in other digits', post(['Content-Length: \u00b2'], HIDDEN)],
    ['a space before the colon', post(['Content-Length : 0'], HIDDEN)],
    ['a folded length', post(['Content-Length:', ` ${HIDDEN.length}`], HIDDEN)],
    ['chunked in capitals and a length', post(['Transfer-Encoding: CHUNKED', 'Content-Length: 4'], chunk)],
    ['chunked twice', post(['Transfer-Encoding: chunked, chunked'], `0${CRLF}${CRLF}`)],
    ['chunked, then identity', post(['Transfer-Encoding: chunked, identity', 'Content-Length: 4'], chunk)],
    ['identity, then chunked', post(['Transfer-Encoding: identity', 'Transfer-Encoding: chunked'], `0${CRLF}${CRLF}`)],
    ['gzip, then chunked', post(['Transfer-Encoding: gzip, chunked'], `0${CRLF}${CRLF}`)],
    ['something like chunked', post(['Transfer-Encoding: xchunked', 'Content-Length: 4'], chunk)],
    ['chunked in quotes', post(['Transfer-Encoding: "chunked"', 'Content-Length: 4'], chunk)],
    ['chunked after a tab', post(['Transfer-Encoding:\tchunked', 'Content-Length: 4'], chunk)],
    ['chunked after a vertical tab', post(['Transfer-Encoding: \u000bchunked', 'Content-Length: 4'], chunk)],
    ['a folded encoding', post(['Transfer-Encoding:', ' chunked', 'Content-Length: 4'], chunk)],
    ['an encoding behind a lone CR', post(['X: y\rTransfer-Encoding: chunked', 'Content-Length: 4'], chunk)],
    ['an encoding behind a lone LF', post(['X: y\nTransfer-Encoding: chunked', 'Content-Length: 4'], chunk)],
    ['an encoding behind a NUL', post(['X: y\u0000Transfer-Encoding: chunked', 'Content-Length: 4'], chunk)],
    ['a chunk of no size', post(['Transfer-Encoding: chunked'], `${CRLF}{}${CRLF}${chunk}`)],
    ['a chunk of a size that is none', post(['Transfer-Encoding: chunked'], `zz${CRLF}{}${CRLF}${chunk}`)],
    ['a chunk of a negative size', post(['Transfer-Encoding: chunked'], `-2${CRLF}{}${CRLF}${chunk}`)],
    [
      'a chunk of a size beyond 64 bits',
      post(['Transfer-Encoding: chunked'], `10000000000000002${CRLF}{}${CRLF}${chunk}`),
    ],
    ['a chunk longer than said', post(['Transfer-Encoding: chunked'], `1${CRLF}{}${CRLF}${chunk}`)],
    ['a chunk without its end', post(['Transfer-Encoding: chunked'], `2${CRLF}{}${chunk}`)],
    ['chunks with bare line feeds', post(['Transfer-Encoding: chunked'], `2\n{}\n0\n\n${HIDDEN}`)],
    [
      'a chunk with an extension of 100 kB',
      post(['Transfer-Encoding: chunked'], `2;${'x'.repeat(100_000)}${CRLF}{}${CRLF}${chunk}`),
    ],
    [
      'a length in the trailer',
      post(['Transfer-Encoding: chunked'], `2${CRLF}{}${CRLF}0${CRLF}Content-Length: 99${CRLF}${CRLF}`),
    ],
    ['no version', `GET ${PATH}${CRLF}${CRLF}`],
    ['version 0.9', get(`GET ${PATH} HTTP/0.9`)],
    ['version 2.0', get(`GET ${PATH} HTTP/2.0`)],
    ['the preface of HTTP/2', `PRI * HTTP/2.0${CRLF}${CRLF}SM${CRLF}${CRLF}`],
    ['a version that is none', get(`GET ${PATH} HTTP/x`)],
    ['a space in the path', get(`GET ${PATH} x HTTP/1.1`)],
    ['a NUL in the path', get(`GET ${PATH}\u0000 HTTP/1.1`)],
    ['no path', get('GET  HTTP/1.1')],
    ['a tab between', get(`GET\t${PATH}\tHTTP/1.1`)],
    ['a method that is none', get(`G{}T ${PATH} HTTP/1.1`)],
    ['no method', get(` ${PATH} HTTP/1.1`)],
    ['a folded header', get(`GET ${PATH} HTTP/1.1`, ['X: y', ' z'])],
    ['a header without a colon', get(`GET ${PATH} HTTP/1.1`, ['X'])],
    ['a header without a name', get(`GET ${PATH} HTTP/1.1`, [': y'])],
    ['a header with a space in its name', get(`GET ${PATH} HTTP/1.1`, ['X Y: z'])],
    ['a header with a NUL', get(`GET ${PATH} HTTP/1.1`, ['X: a\u0000b'])],
    ['a header with a lone CR', get(`GET ${PATH} HTTP/1.1`, ['X: a\rb'])],
    ['a header with an escape', get(`GET ${PATH} HTTP/1.1`, ['X: \u001b[2J'])],
    ['no host', `GET ${PATH} HTTP/1.1${CRLF}Authorization: Bearer ${token}${CRLF}${CRLF}`],
    ['an empty host', `GET ${PATH} HTTP/1.1${CRLF}Host:${CRLF}Authorization: Bearer ${token}${CRLF}${CRLF}`],
    ['two hosts', get(`GET ${PATH} HTTP/1.1`, ['Host: evil.example', 'Connection: close'])],
    ['a TLS client', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003'.padEnd(600, '\u0000')],
    ['a request of SMTP', `EHLO evil.example${CRLF}MAIL FROM:<a@evil.example>${CRLF}`],
    ['nothing but line ends', CRLF.repeat(1000)],
    ['nothing but NULs', '\u0000'.repeat(5000)],
    ['a line without an end', `GET /${'a'.repeat(2_000_000)}`],
  ]
}

/** Bodies that come late, in pieces or never whole. */
export function slowRequests(token: string): readonly (readonly [string, string])[] {
  const post = (headers: readonly string[], body: string) =>
    [
      `POST ${PATH}/verify HTTP/1.1`,
      'Host: mfa.example',
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      'Connection: close',
      ...headers,
      '',
      body,
    ].join(CRLF)
  return [
    ['a body shorter than said', post(['Content-Length: 100'], '{"code":"123456"}')],
    ['no body at all', post(['Content-Length: 17'], '')],
    ['a body that was only announced', post(['Content-Length: 17', 'Expect: 100-continue'], '')],
    ['an expectation nobody knows', post(['Content-Length: 17', 'Expect: 200-ok'], '{"code":')],
    ['chunks without an end', post(['Transfer-Encoding: chunked'], `11${CRLF}{"code":"123456"}${CRLF}`)],
    ['half a chunk', post(['Transfer-Encoding: chunked'], `11${CRLF}{"code":`)],
    ['half a size', post(['Transfer-Encoding: chunked'], '1')],
  ]
}
