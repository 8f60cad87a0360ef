import { CANARY } from '../lib/answers.ts'

/** Suffixes that are not part of any path of ours. */
const SUFFIXES = [
  ...['/', '//', '/.', '/..', '/./', '/../', '/%2e', '/%2e%2e', '/%2e%2e%2f', '%2f', '%5c', '%00', '%20', '%09', '%0a'],
  ...[
    '%0d%0aX-Evil:%20y',
    '.',
    '..',
    '~',
    '.json',
    '.html',
    '.php',
    ';',
    ';a=b',
    ';jsessionid=x',
    '!',
    '$',
    "'",
    '"',
    '*',
  ],
  ...[
    '%',
    '%2',
    '%zz',
    '%u0061',
    '%c0%af',
    '%e0%80%af',
    '%ff',
    '%ed%a0%80',
    '%ef%bb%bf',
    '%e2%80%ae',
    '|',
    '^',
    '`',
    '{}',
  ],
  ...[
    '?',
    '?x',
    '??',
    '?#',
    '#',
    '#x',
    '&x',
    `/${CANARY}`,
    '\\',
    '\\..\\',
    '\u00ff',
    '\u00c0\u00af',
    '@evil.example',
    ':80',
  ],
  `?${'x=y&'.repeat(2000)}`,
  `/${'a/'.repeat(2000)}`,
  '%61'.repeat(2000),
]

/** Other spellings of a path: some mean the same, most mean nothing. */
export function spellingsOf(path: string): readonly string[] {
  const slashes = [...path.matchAll(/\//g)].map(({ index }) => index)
  const inserted = ['/', '/.', '/x/..', '/%2e', '/%2e%2e', ';x', '%00', '%20', '\\'].flatMap((trick) =>
    slashes.map((at) => path.slice(0, at) + trick + path.slice(at)),
  )
  const replaced = ['%2f', '%2F', '%252f', '\\', '%5c', '%c0%af', '%ef%bc%8f', '//', ';/', '/;/', '..;/'].flatMap(
    (slash) => slashes.map((at) => path.slice(0, at) + slash + path.slice(at + 1)),
  )
  const letters = [...path.matchAll(/[a-z]/g)].map(({ index }) => index).filter((_, index) => index % 5 === 0)
  const encoded = letters.flatMap((at) => {
    const code = path.charCodeAt(at).toString(16)
    return [`%${code}`, `%25${code}`, `%u00${code}`, `%${code.toUpperCase()}`, path.charAt(at).toUpperCase()].map(
      (letter) => path.slice(0, at) + letter + path.slice(at + 1),
    )
  })
  return [
    ...SUFFIXES.map((suffix) => path + suffix),
    ...inserted,
    ...replaced,
    ...encoded,
    path.toUpperCase(),
    path.slice(1),
    path.slice(0, -1),
    `/x/..${path}`,
    `/%2e%2e${path}`,
    `/.${path}`,
    `//evil.example${path}`,
    `http://evil.example${path}`,
    `https://user:password@evil.example${path}`,
    `HTTP://MFA.EXAMPLE${path}`,
    `file://${path}`,
    `javascript:${path}`,
    `${path}/${'x'.repeat(30_000)}`,
  ]
}

/** Paths that nothing is at. */
export const NOWHERE: readonly string[] = [
  ...[
    '/api',
    '/api/',
    '/api/user',
    '/api/user/profile',
    '/api/admin',
    '/api/admin/users',
    '/api/admin/users/x',
    '/api/service',
    '/api/service/users',
    '/api/service/users/x',
    '/API',
  ],
  ...[
    '/.env',
    '/.dev.vars',
    '/.git/config',
    '/wrangler.toml',
    '/worker.js',
    '/index.html',
    '/favicon.ico',
    '/robots.txt',
  ],
  ...['/cdn-cgi/trace', '/__scheduled', '/cdn-cgi/handler/scheduled', '/cdn-cgi/mf/scheduled', '/metrics', '/debug'],
  ...['/.well-known/', '/.well-known/openid-configuration', '/.well-known/security.txt', '/.well-known/jwks.json/x'],
  ...[
    '/problems',
    '/problems/',
    '/problems/..%2f..%2fopenapi.json',
    '/problems/%2e%2e',
    '/problems/__proto__',
    '/problems/a/b',
  ],
  ...[
    '/assets/',
    '/assets/..%2fworker.js',
    '/assets/%2e%2e%2f%2e%2e',
    '/elements/',
    '/elements/x.js',
    '/elements/..%2f..',
  ],
  ...[
    '/page/token',
    '/page/..%2ftoken',
    '/docs/',
    '/docs/x',
    '/openapi.json/',
    '/openapi.yaml',
    '/health/',
    '/health/x',
    '/',
  ],
  ...[
    '/api/user/profile/mfa/authenticators',
    '/api/user/profile/mfa/authenticators/',
    '/api/user/profile/mfa/recovery',
  ],
  ...[
    '/api/user/profile/mfa/authenticators//remove',
    '/api/admin/users//mfa',
    '/api/admin/users/%00/mfa',
    '/api/service/users//challenge',
    '/__proto__',
  ],
]

/** Spellings of a subject's own `sub` as one segment of a path. */
export function spellingsOfSegment(sub: string): readonly string[] {
  const hex = (symbol: string) => symbol.charCodeAt(0).toString(16)
  const symbols = [...sub]
  return [
    sub,
    symbols.map((symbol) => `%${hex(symbol)}`).join(''),
    symbols.map((symbol) => `%${hex(symbol).toUpperCase()}`).join(''),
    ...symbols.map((symbol, at) => `${sub.slice(0, at)}%${hex(symbol)}${sub.slice(at + 1)}`),
    `./${sub}`,
    `x/../${sub}`,
    `%2e/${sub}`,
    `x/%2e%2e/${sub}`,
    `${sub}/.`,
    `${sub}/x/..`,
  ]
}

/** Queries of the events that are no cursor and no limit. */
export const NO_PAGES: readonly string[] = [
  ...[
    '0',
    '-1',
    '101',
    '1000',
    '1.5',
    '1e1',
    '0x1',
    '1n',
    'NaN',
    'Infinity',
    'null',
    'true',
    '',
    '%20',
    '+1',
    '01',
    '1 ',
  ],
  ...['١', '%D9%A1', '1%00', '1;', "1'--", '1,2', '[]', '{}', '__proto__', CANARY, '9'.repeat(400), '%', '%zz', '%ff'],
]
