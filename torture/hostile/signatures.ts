import { generateKeyPairSync, privateEncrypt, randomBytes, sign as signBytes } from 'node:crypto'
import type { Named } from './bodies.ts'
import { forge, goodClaims, goodHeader, hmac, type IssuerKey, part, signEc, signPss } from './keys.ts'

/** Algorithms under other names than the key's own, and some that are none. */
const OTHER_NAMES: readonly unknown[] = [
  ...['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'none\u0000', 'null', '', 'HS256', 'HS384', 'HS512', 'hs256'],
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'ES256K', 'EdDSA', 'eddsa'],
  ...[
    'Ed25519',
    'Ed448',
    'RS1',
    'HS1',
    'dir',
    'A128KW',
    'A256GCM',
    'RSA1_5',
    'RSA-OAEP',
    'ECDH-ES',
    'PBES2-HS256+A128KW',
  ],
  ...['ML-DSA-44', 'SHA256', '__proto__', 'toString', 'ｎone', 'RS256,none'],
  ...[null, 0, 1, true, false, [], {}, ['none'], ['HS256'], { toString: 'HS256' }],
]

/** Tokens under a name of an algorithm that is not the key's own; the signature is the one that the key makes. */
export function misnamed(key: IssuerKey): readonly Named<string>[] {
  const names = OTHER_NAMES.filter((alg) => alg !== key.alg)
  return [
    ...names.map((alg): Named<string> => [`alg ${JSON.stringify(alg)}`, forge(key, { ...goodHeader(key), alg })]),
    ['no alg', forge(key, { typ: 'at+jwt', kid: key.kid })],
    ['alg twice, the wrong one last', forge(key, `{"alg":"${key.alg}","kid":"${key.kid}","alg":"none"}`)],
    ['Alg beside none', forge(key, { kid: key.kid, Alg: key.alg, alg: 'none' })],
    ...['none', 'None', 'HS256'].map((alg): Named<string> => {
      return [`alg ${alg} and no signature`, `${part({ ...goodHeader(key), alg })}.${part(goodClaims())}.`]
    }),
  ]
}

/** HMACs under whatever is known of the key: its public part in every spelling, or nothing. */
export function confused({ publicKey, jwk, kid, alg }: IssuerKey): readonly Named<string>[] {
  const pem = String(publicKey.export({ format: 'pem', type: 'spki' }))
  const der = publicKey.export({ format: 'der', type: 'spki' })
  const { kid: _, ...bare } = jwk
  const known: readonly Named<Uint8Array | string>[] = [
    ['the PEM', pem],
    ['the PEM without its last line end', pem.trimEnd()],
    ['the PEM with CRLF', pem.replaceAll('\n', '\r\n')],
    ['the PEM without its frame', pem.split('\n').slice(1, -2).join('')],
    ['the DER', der],
    ['the JWK', JSON.stringify(jwk)],
    ['the JWK without its id', JSON.stringify(bare)],
    ['the key set', JSON.stringify({ keys: [jwk] })],
    ['the first number', Buffer.from(String(jwk.n ?? jwk.x), 'base64url')],
    ['the text of the first number', String(jwk.n ?? jwk.x)],
    ['the id of the key', kid],
    ['nothing', ''],
    ['a space', ' '],
    ['32 zeros', Buffer.alloc(32)],
    ['32 zeros as text', '0'.repeat(32)],
    ['the word secret', 'secret'],
    ...(alg === 'HS256' ? [] : rsaOrPoint({ publicKey, jwk })),
  ]
  return known.flatMap(([name, bytes]) =>
    [
      ['HS256', 'sha256'],
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
    ].map(([other = '', hash]): Named<string> => {
      const signed = `${part({ alg: other, kid, typ: 'at+jwt' })}.${part(goodClaims())}`
      return [`${other} under ${name}`, `${signed}.${part(hmac(signed, Buffer.from(bytes), hash))}`]
    }),
  )
}

function rsaOrPoint({ publicKey, jwk }: Pick<IssuerKey, 'publicKey' | 'jwk'>): readonly Named<Uint8Array | string>[] {
  if (jwk.kty === 'RSA') {
    return [
      ['the PEM of PKCS #1', String(publicKey.export({ format: 'pem', type: 'pkcs1' }))],
      ['the DER of PKCS #1', publicKey.export({ format: 'der', type: 'pkcs1' })],
    ]
  }
  const point = Buffer.concat([
    Buffer.from([4]),
    ...[jwk.x, jwk.y ?? ''].map((each) => Buffer.from(String(each), 'base64url')),
  ])
  return [['the point', point]]
}

/** Signatures that are not the one over these very parts. */
export function unsigned(key: IssuerKey): readonly Named<string>[] {
  const token = forge(key)
  const [header = '', claims = '', last = ''] = token.split('.')
  const signed = `${header}.${claims}`
  const signature = Buffer.from(last, 'base64url')
  const flipped = (at: number) => {
    const bytes = Buffer.from(signature)
    bytes[at] = (bytes[at] ?? 0) ^ 1
    return bytes
  }
  const signatures: readonly Named<Uint8Array>[] = [
    ['nothing', Buffer.alloc(0)],
    ['one zero', Buffer.alloc(1)],
    ['zeros', Buffer.alloc(signature.length)],
    ['ones', Buffer.alloc(signature.length, 0xff)],
    ['chance', randomBytes(signature.length)],
    ['one byte less', signature.subarray(1)],
    ['one byte less at the end', signature.subarray(0, -1)],
    ['half of it', signature.subarray(0, signature.length / 2)],
    ['a zero before it', Buffer.concat([Buffer.alloc(1), signature])],
    ['a zero after it', Buffer.concat([signature, Buffer.alloc(1)])],
    ['it twice', Buffer.concat([signature, signature])],
    ['it backwards', Buffer.from(signature).reverse()],
    ['its first bit turned', flipped(0)],
    ['its last bit turned', flipped(signature.length - 1)],
    ['that of the header', key.sign(header)],
    ['that of the claims', key.sign(claims)],
    ['that of nothing', key.sign('')],
    ['that of both with a dot after them', key.sign(`${signed}.`)],
    ['that of both without the dot', key.sign(header + claims)],
    [
      'that of the text behind them',
      key.sign(Buffer.from(header, 'base64url').toString() + Buffer.from(claims, 'base64url')),
    ],
    ['that of another token', key.sign(`${header}.${part({ ...goodClaims(), sub: 'bob' })}`)],
    ['that of the same claims under another header', key.sign(`${part({ alg: key.alg })}.${claims}`)],
    ...signaturesOf(key, signed),
  ]
  return signatures.map(([name, bytes]): Named<string> => [`signed by ${name}`, `${signed}.${part(bytes)}`])
}

/** What else the key, or one like it, makes of the same text. */
function signaturesOf(key: IssuerKey, signed: string): readonly Named<Uint8Array>[] {
  switch (key.alg) {
    case 'HS256':
      return [
        ...['sha1', 'sha384', 'sha512', 'md5'].map(
          (hash): Named<Uint8Array> => [`HMAC with ${hash}`, hmac(signed, key.secret, hash)],
        ),
      ]
    case 'RS256':
    case 'PS256':
      return ofRsa(key, signed)
    case 'ES256':
      return ofEc(key, signed)
    case 'EdDSA':
      return ofEd(key, signed)
  }
}

function ofRsa(key: IssuerKey, signed: string): readonly Named<Uint8Array>[] {
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const one = Buffer.alloc(256)
  one[255] = 1
  const text = Buffer.from(signed)
  const hashes = ['sha1', 'sha384', 'sha512'].flatMap((hash): Named<Uint8Array>[] => [
    [`PKCS #1 with ${hash}`, signBytes(hash, text, key.privateKey)],
    [`PSS with ${hash}`, signPss(signed, hash, 32)],
  ])
  const salts = [0, 20, 31, 33, 64].map(
    (salt): Named<Uint8Array> => [`PSS with ${salt} bytes of salt`, signPss(signed, 'sha256', salt)],
  )
  const [name, other] =
    key.alg === 'RS256'
      ? ['PSS', signPss(signed, 'sha256', 32)]
      : ['PKCS #1', signBytes('sha256', text, key.privateKey)]
  return [
    ...hashes,
    ...salts,
    [String(name), Buffer.from(other)],
    ['another key', signBytes('sha256', text, stranger.privateKey)],
    ['the number 1', one],
    ['a hash without its name', privateEncrypt(key.privateKey, hmac(signed, Buffer.alloc(0)))],
  ]
}

/** The order of P-256. */
const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')
const NONE = Buffer.alloc(32)

function ofEc(key: IssuerKey, signed: string): readonly Named<Uint8Array>[] {
  const signature = key.sign(signed)
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)]
  const both = (one: Uint8Array, other: Uint8Array) => Buffer.concat([one, other])
  const curves = ['P-256', 'P-384', 'P-521', 'secp256k1'].map((namedCurve): Named<Uint8Array> => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve })
    return [`another key on ${namedCurve}`, signEc(signed, privateKey, 'ieee-p1363')]
  })
  return [
    ...curves,
    ['DER', signEc(signed, key.privateKey, 'der')],
    ...['sha1', 'sha384', 'sha512'].map(
      (hash): Named<Uint8Array> => [hash, signEc(signed, key.privateKey, 'ieee-p1363', hash)],
    ),
    ['r of zero', both(NONE, s)],
    ['s of zero', both(r, NONE)],
    ['r of the order', both(ORDER, s)],
    ['s of the order', both(r, ORDER)],
    ['the order twice', both(ORDER, ORDER)],
    ['r and s of one', both(numberOf(1n), numberOf(1n))],
    ['s before r', both(s, r)],
    ['r alone', r],
    ['both turned around', both(Buffer.from(r).reverse(), Buffer.from(s).reverse())],
    ['both of 48 bytes', both(both(Buffer.alloc(16), r), both(Buffer.alloc(16), s))],
  ]
}

/** The other of the two signatures that ECDSA has for everything: RFC 7518 §3.4 takes either. */
export function otherSignature(key: IssuerKey): string {
  const [header, claims, last = ''] = forge(key).split('.')
  const signature = Buffer.from(last, 'base64url')
  const order = BigInt(`0x${ORDER.toString('hex')}`)
  const s = BigInt(`0x${signature.subarray(32).toString('hex')}`)
  return `${header}.${claims}.${part(Buffer.concat([signature.subarray(0, 32), numberOf(order - s)]))}`
}

function numberOf(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}

function ofEd(key: IssuerKey, signed: string): readonly Named<Uint8Array>[] {
  const signature = key.sign(signed)
  const r = signature.subarray(0, 32)
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`)
  const order = 2n ** 252n + 27742317777372353535851937790883648493n
  const raised = numberOf(s + order).reverse()
  const one = Buffer.alloc(64)
  one[0] = 1
  const strangers = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed448')]
  return [
    ...strangers.map(
      ({ privateKey }, at): Named<Uint8Array> => [
        `another key (${at})`,
        signBytes(null, Buffer.from(signed), privateKey),
      ],
    ),
    ['s beyond the order (RFC 8032 §5.1.7)', Buffer.concat([r, raised])],
    ['a point of small order', one],
    ['a point of small order and s of one', Buffer.concat([one.subarray(0, 32), numberOf(1n).reverse()])],
    ['a signature of its hash', key.sign(hmac(signed, Buffer.alloc(0)).toString('latin1'))],
  ]
}
