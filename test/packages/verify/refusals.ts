import { exportJWK, generateKeyPair } from 'jose'
import type { Expected, SingleUseStore, StepUpErrorCode } from '../../../packages/verify/src/verify.ts'
import { createSigner, type Signer, seconds, signByHand, USER } from './tokens.ts'

/** A step-up token, or the circumstances of one, that the verifier refuses. */
export type Refusal = {
  readonly what: string
  readonly code: StepUpErrorCode
  /** Default: a valid token. */
  readonly token?: (signer: Signer) => Promise<string> | string
  /** Default: the user of the valid token. */
  readonly expected?: Partial<Expected>
  /** What the address of the key set answers. Default: the key of the signer. */
  readonly keySet?: (signer: Signer) => Promise<Response> | Response
  readonly store?: SingleUseStore
  /** Whether any JWT library takes the signature for one of the signer's key with ES256. Default: true. */
  readonly isSigned?: boolean
}

const SERVICE_CLAIMS = { acr: 'urn:edge-mfa:acr:factor', client_id: 'backend' }
const secretOf = (text: string) => new Uint8Array(new TextEncoder().encode(text))
const storeThat = (insertIfAbsent: SingleUseStore['insertIfAbsent']): SingleUseStore => ({ insertIfAbsent })

/** Every case that the verifier refuses. */
export const REFUSALS: readonly Refusal[] = [
  // The token itself.
  { what: 'no token', code: 'missing-token', token: () => '', isSigned: false },
  { what: 'a text that is no token', code: 'malformed-token', token: () => 'proof', isSigned: false },
  { what: 'a token cut short', code: 'malformed-token', token: async ({ sign }) => cut(await sign()), isSigned: false },
  {
    what: 'an access token in its place',
    code: 'wrong-type',
    token: ({ sign }) => sign({}, { typ: 'at+jwt' }),
  },
  { what: 'a token without a type', code: 'wrong-type', token: ({ sign }) => sign({}, { typ: undefined }) },
  { what: 'an unsigned token', code: 'wrong-algorithm', token: () => signByHand({ alg: 'none' }), isSigned: false },
  {
    what: 'an HMAC under the public key',
    code: 'wrong-algorithm',
    token: ({ publicJwk }) => signByHand({ alg: 'HS256' }, secretOf(JSON.stringify(publicJwk))),
    isSigned: false,
  },
  {
    what: 'an HMAC that calls itself ES256',
    code: 'invalid-signature',
    token: ({ publicJwk }) => signByHand({ alg: 'ES256' }, secretOf(JSON.stringify(publicJwk))),
    isSigned: false,
  },
  {
    what: 'another key under the same name',
    code: 'invalid-signature',
    token: async () => (await createSigner()).sign(),
    isSigned: false,
  },
  {
    what: 'a key that is not published',
    code: 'unknown-key',
    token: async () => (await createSigner('another-key')).sign(),
    isSigned: false,
  },
  {
    what: 'a key of its own header',
    code: 'unknown-key',
    token: async () => {
      const forger = await createSigner('another-key')
      return forger.sign({}, { jwk: forger.publicJwk })
    },
    isSigned: false,
  },
  {
    what: 'changed claims',
    code: 'invalid-signature',
    token: async ({ sign }) => splice(await sign(), await sign({ sub: 'mallory' })),
    isSigned: false,
  },
  // The claims.
  { what: 'another issuer', code: 'wrong-issuer', token: ({ sign }) => sign({ iss: 'https://other.example' }) },
  { what: 'another audience', code: 'wrong-audience', token: ({ sign }) => sign({ aud: 'https://other.example' }) },
  { what: 'no audience', code: 'wrong-audience', token: ({ sign }) => sign({ aud: undefined }) },
  { what: 'an expired token', code: 'expired', token: ({ sign }) => sign({ exp: seconds() - 1 }) },
  { what: 'a token without an end', code: 'malformed-token', token: ({ sign }) => sign({ exp: undefined }) },
  { what: 'an end that is a text', code: 'malformed-token', token: ({ sign }) => sign({ exp: '2100-01-01' }) },
  { what: 'a token of the future', code: 'not-yet-valid', token: ({ sign }) => sign({ iat: seconds() + 60 }) },
  { what: 'a later beginning', code: 'not-yet-valid', token: ({ sign }) => sign({ nbf: seconds() + 60 }) },
  { what: 'a proof of the future', code: 'not-yet-valid', token: ({ sign }) => sign({ auth_time: seconds() + 60 }) },
  { what: 'an old proof', code: 'too-old', token: ({ sign }) => sign({ auth_time: seconds() - 121 }) },
  {
    what: 'a proof older than this route allows',
    code: 'too-old',
    token: ({ sign }) => sign({ auth_time: seconds() - 31 }),
    expected: { maxAge: 30 },
  },
  { what: 'a proof without a time', code: 'malformed-token', token: ({ sign }) => sign({ auth_time: undefined }) },
  { what: 'a token without an identifier', code: 'malformed-token', token: ({ sign }) => sign({ jti: undefined }) },
  { what: 'a token without methods', code: 'malformed-token', token: ({ sign }) => sign({ amr: 'otp' }) },
  { what: 'another user', code: 'wrong-user', expected: { sub: 'mallory' } },
  { what: 'a user of another issuer', code: 'wrong-user', expected: { iss: 'https://other.example' } },
  { what: 'a user of no issuer', code: 'malformed-token', token: ({ sign }) => sign({ sub_iss: undefined }) },
  { what: 'another context', code: 'wrong-acr', token: ({ sign }) => sign({ acr: 'urn:edge-mfa:acr:other' }) },
  { what: 'a context without a service', code: 'wrong-acr', token: ({ sign }) => sign({ acr: SERVICE_CLAIMS.acr }) },
  { what: 'a service with a first factor', code: 'wrong-acr', token: ({ sign }) => sign({ client_id: 'backend' }) },
  { what: 'a token for a service', code: 'service-token', token: ({ sign }) => sign(SERVICE_CLAIMS) },
  // Transactions.
  { what: 'another transaction', code: 'wrong-txn', token: ({ sign }) => sign({ txn: 'b' }), expected: { txn: 'a' } },
  { what: 'no transaction', code: 'wrong-txn', expected: { txn: 'a' } },
  { what: 'a transaction not asked for', code: 'wrong-txn', token: ({ sign }) => sign({ txn: 'a' }) },
  { what: 'an empty transaction', code: 'misconfigured', expected: { txn: '' } },
  { what: 'no user to compare with', code: 'misconfigured', expected: { sub: '' } },
  { what: 'no age to compare with', code: 'misconfigured', expected: { maxAge: Number.NaN } },
  // The key set.
  { what: 'a key set that cannot be reached', code: 'keys-unavailable', keySet: () => Promise.reject(new TypeError()) },
  { what: 'a key set that fails', code: 'keys-unavailable', keySet: () => new Response('', { status: 500 }) },
  { what: 'a key set that moved', code: 'keys-unavailable', keySet: () => Response.redirect('https://other.example') },
  { what: 'a key set that is no JSON', code: 'keys-unavailable', keySet: () => new Response('<html>') },
  { what: 'a key set of another shape', code: 'keys-unavailable', keySet: () => Response.json([]) },
  { what: 'an empty key set', code: 'keys-unavailable', keySet: () => Response.json({ keys: [] }) },
  { what: 'a key set without ES256', code: 'keys-unavailable', keySet: async () => Response.json(await rsaKeySet()) },
  {
    what: 'a key set whose key is damaged',
    code: 'keys-unavailable',
    keySet: ({ publicJwk }) => Response.json({ keys: [{ ...publicJwk, x: 'AAAA' }] }),
  },
  {
    what: 'a key that was taken out',
    code: 'unknown-key',
    keySet: async () => Response.json((await createSigner('next-key')).keySet),
  },
  // The store.
  { what: 'a token that was used', code: 'replayed', store: storeThat(() => false) },
  {
    what: 'a store that throws',
    code: 'store-unavailable',
    store: storeThat(() => {
      throw new Error('refused')
    }),
  },
  {
    what: 'a store that rejects',
    code: 'store-unavailable',
    store: storeThat(() => Promise.reject(new Error('down'))),
  },
  { what: 'a store that answers nothing', code: 'store-unavailable', store: storeThat(() => JSON.parse('null')) },
  { what: 'a store that answers a text', code: 'store-unavailable', store: storeThat(() => JSON.parse('"OK"')) },
]

/** What a verifier is asked in this case. */
export function expectedIn({ expected }: Refusal): Expected {
  return { ...USER, ...expected }
}

function cut(token: string): string {
  return token.slice(0, token.lastIndexOf('.'))
}

/** The header and signature of one token around the claims of another. */
function splice(token: string, other: string): string {
  const [header, , signature] = token.split('.')
  return [header, other.split('.')[1], signature].join('.')
}

async function rsaKeySet() {
  const { publicKey } = await generateKeyPair('RS256', { extractable: true })
  return { keys: [{ ...(await exportJWK(publicKey)), kid: 'signing-key' }] }
}
