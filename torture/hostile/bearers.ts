import type { Named } from './bodies.ts'

/** Other texts of a token: none of them is it. */
export function respelled(token: string): readonly Named<string>[] {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const decoded = (text: string) => Buffer.from(text, 'base64url')
  return [
    ['padding after it', `${token}=`],
    ['two signs of padding', `${token}==`],
    ['padding after the header', `${header}=.${claims}.${signature}`],
    ['padding after the claims', `${header}.${claims}==.${signature}`],
    ['standard base64', `${header}.${claims}.${decoded(signature).toString('base64')}`],
    ['hexadecimal', [header, claims, signature].map((each) => decoded(each).toString('hex')).join('.')],
    ['lower case', token.toLowerCase()],
    ['upper case', token.toUpperCase()],
    ['unused bits', `${header}.${claims}.${signature.slice(0, -1)}${nextSymbol(signature.at(-1))}`],
    ['one symbol more', `${token}A`],
    ['one symbol less', token.slice(0, -1)],
    ['a dot before it', `.${token}`],
    ['a dot after it', `${token}.`],
    ['no dots', token.replaceAll('.', '')],
    ['two dots', token.replace('.', '..')],
    ['commas for dots', token.replaceAll('.', ',')],
    ['four parts', `${token}.${signature}`],
    ['five parts, as JWE has', `${token}.${signature}.${signature}`],
    ['two parts', `${header}.${claims}`],
    ['one part', header],
    ['nothing between the dots', '..'],
    ['no header', `.${claims}.${signature}`],
    ['no claims', `${header}..${signature}`],
    ['no signature', `${header}.${claims}.`],
    ['the parts turned around', `${signature}.${claims}.${header}`],
    ['header and claims exchanged', `${claims}.${header}.${signature}`],
    ['as JSON (RFC 7515 §7.2)', JSON.stringify({ protected: header, payload: claims, signature })],
    [
      'as JSON in base64url',
      Buffer.from(JSON.stringify({ protected: header, payload: claims, signature })).toString('base64url'),
    ],
    ['once more in base64url', Buffer.from(token).toString('base64url')],
    ['percent-encoded dots', token.replaceAll('.', '%2E')],
    ['a space within', `${header}. ${claims}.${signature}`],
    ['a tab within', `${header}.\t${claims}.${signature}`],
    ['a no-break space after it', `${token}\u00a0`],
    ['a soft hyphen within', `${header}.${claims}.\u00ad${signature}`],
    ['a high byte after it', `${token}\u00ff`],
    ['a plus', token.replace(signature.charAt(3), '+')],
    ['a slash', token.replace(signature.charAt(3), '/')],
    ['itself twice', token + token],
    ['itself twice with a comma', `${token},${token}`],
    ['itself twice with a space', `${token} ${token}`],
    ['a parameter after it', `${token}; charset=utf-8`],
    ['in quotes', `"${token}"`],
    ['in brackets', `<${token}>`],
    ['as a parameter', `token=${token}`],
    ['Bearer twice', `Bearer ${token}`],
    ['nothing', ''],
    ['null', 'null'],
    ['undefined', 'undefined'],
    ['a wildcard', '*'],
    ['PASETO', 'v4.public.eyJzdWIiOiJhbGljZSJ9.AAAA'],
    ['9 kB', `${header}.${claims}.${'A'.repeat(9000)}`],
    ['100 kB', `${header}.${claims}.${'A'.repeat(100_000)}`],
    ['100 kB of dots', '.'.repeat(100_000)],
    ['8192 symbols of a header', 'A'.repeat(8192)],
  ]
}

/** The next symbol of base64url: of a last symbol with unused bits, one that decodes to the same bytes if those are let pass. */
function nextSymbol(symbol = 'A'): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet.charAt((alphabet.indexOf(symbol) + 1) % alphabet.length)
}

/** Header lines that carry a good token where none is looked for: they are answered as if there were none. */
export function elsewhere(token: string): readonly Named<readonly string[]>[] {
  const schemes = [
    'Basic',
    'DPoP',
    'Token',
    'JWT',
    'OAuth',
    'Digest',
    'BearerX',
    'Bearer:',
    'Bearer=',
    'Bear',
    'Bearer,',
    '"Bearer"',
  ]
  return [
    ...schemes.map((scheme): Named<readonly string[]> => [scheme, [`Authorization: ${scheme} ${token}`]]),
    ['no scheme', [`Authorization: ${token}`]],
    ['no space', [`Authorization: Bearer${token}`]],
    ['a no-break space', [`Authorization: Bearer\u00a0${token}`]],
    ['another scheme first', [`Authorization: Basic YTpi, Bearer ${token}`]],
    ['another scheme first, in a line of its own', ['Authorization: Basic YTpi', `Authorization: Bearer ${token}`]],
    ['a cookie', [`Cookie: Authorization=Bearer ${token}; access_token=${token}; token=${token}`]],
    ...[
      'X-Authorization',
      'Proxy-Authorization',
      'X-Access-Token',
      'X-Forwarded-Access-Token',
      'X-Auth-Token',
      'Authentication',
    ].map((name): Named<readonly string[]> => [name, [`${name}: Bearer ${token}`]]),
    ['a protocol', [`Sec-WebSocket-Protocol: bearer, ${token}`]],
  ]
}

/** Header lines with two credentials of which one is good: they are no one valid token. */
export function doubled(token: string): readonly Named<readonly string[]>[] {
  const line = `Authorization: Bearer ${token}`
  return [
    ['twice the same line', [line, line]],
    ['another token in the second line', [line, 'Authorization: Bearer a.b.c']],
    ['another token in the first line', ['Authorization: Bearer a.b.c', line]],
    ['another scheme in the second line', [line, 'Authorization: Basic YTpi']],
    ['another scheme after a comma', [`${line}, Basic YTpi`]],
    ['an empty second line', [line, 'Authorization:']],
  ]
}

/** Ways to write a good token that are all right (RFC 9110 §11.4). */
export function spelledWell(token: string): readonly Named<string>[] {
  return [
    ['as RFC 6750 has it', `Authorization: Bearer ${token}`],
    ['in lower case', `authorization: bearer ${token}`],
    ['in upper case', `AUTHORIZATION: BEARER ${token}`],
    ['in mixed case', `aUTHORIZATION: bEARER ${token}`],
    ['with several spaces', `Authorization: Bearer    ${token}`],
    ['with a tab', `Authorization: Bearer\t${token}`],
    ['with spaces around', `Authorization:   Bearer ${token}   `],
    ['with tabs around', `Authorization:\tBearer ${token}\t`],
    ['without a space after the colon', `Authorization:Bearer ${token}`],
  ]
}
