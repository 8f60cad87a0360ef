import { calculateJwkThumbprint, importJWK } from 'jose'
import type { Config } from '../../src/config.ts'
import { splitList } from '../../src/config-values.ts'
import { createStepUpIssuer } from '../../src/tokens/step-up.ts'
import { type Finding, finding } from './findings.ts'
import type { Settings } from './target.ts'

const KEY_BYTES = 32
/** Among 32 random bytes about 30 are distinct; fewer than this practically never happens. */
const MIN_DISTINCT_BYTES = 16
/** The first key, and the four whose rows the cron re-seals. */
const MAX_KEYS = 5

type Entry = { readonly id: string; readonly encoded: string; readonly bytes: Buffer }

/** Checks each entry of MFA_KEYS. It distinguishes errors that the configuration reports as one. */
export function checkMasterKeys(settings: Settings): readonly Finding[] {
  const parts = splitList(settings['MFA_KEYS'] ?? '')
  const entries = parts.map(toEntry)
  const malformed = entries.flatMap((entry, at) =>
    entry ? [] : [finding('key-malformed', `MFA_KEYS, entry ${at + 1}`)],
  )
  const good = entries.filter((entry) => entry !== undefined)
  const many = parts.length > MAX_KEYS ? [finding('keys-many', `MFA_KEYS has ${parts.length} keys`)] : []
  return [...malformed, ...good.flatMap(checkEntry), ...findDuplicates(good), ...many]
}

function toEntry(part: string): Entry | undefined {
  const [, id, encoded] = /^([A-Za-z0-9_-]{1,32}):(.+)$/.exec(part) ?? []
  if (id === undefined || encoded === undefined) return undefined
  return { id, encoded, bytes: Buffer.from(encoded, 'base64url') }
}

function checkEntry({ id, encoded, bytes }: Entry): readonly Finding[] {
  const isWhole = bytes.length === KEY_BYTES && bytes.toString('base64url') === encoded
  if (!isWhole) return [finding('key-length', `MFA_KEYS, key ${id}`)]
  return isWeak(bytes) ? [finding('key-weak', `MFA_KEYS, key ${id}`)] : []
}

function findDuplicates(entries: readonly Entry[]): readonly Finding[] {
  return entries.flatMap(({ id, encoded }, at) => {
    const earlier = entries.slice(0, at)
    const sameId = earlier.some((other) => other.id === id)
    const sameKey = earlier.find((other) => other.encoded === encoded && other.id !== id)
    return [
      ...(sameId ? [finding('key-id-twice', `MFA_KEYS, id ${id}`)] : []),
      ...(sameKey ? [finding('key-twice', `MFA_KEYS, ${sameKey.id} and ${id}`)] : []),
    ]
  })
}

/** Checks that the shared secrets of issuers are random and no master keys. */
export function checkSharedSecrets(config: Config): readonly Finding[] {
  return config.issuers.flatMap(({ iss, keys }) =>
    keys.kind === 'secret' ? checkSharedSecret(Buffer.from(keys.secret), { iss, config }) : [],
  )
}

function checkSharedSecret(secret: Buffer, { iss, config }: { iss: string; config: Config }): readonly Finding[] {
  const shared = config.MFA_KEYS.filter(({ bytes }) => secret.equals(bytes))
  return [
    ...judgeSecret(secret, `the shared secret of ${iss}`),
    ...shared.map(({ id }) => finding('key-shared', `MFA_KEYS, key ${id}`)),
  ]
}

/** Text has at most 7 random bits a byte, and often fewer; some issuers generate it all the same. */
function judgeSecret(secret: Buffer, found: string): readonly Finding[] {
  if (/^[\x20-\x7E]+$/.test(secret.toString('latin1'))) return [finding('key-printable', found)]
  return isWeak(secret) ? [finding('key-weak', found)] : []
}

/** Checks the signing key and the additional keys of the key set. */
export async function checkSigningKeys(config: Config): Promise<readonly Finding[]> {
  const { STEP_UP_PRIVATE_JWK: privateJwk } = config
  const extraKeys = config.STEP_UP_EXTRA_JWKS?.keys ?? []
  const issuer = createStepUpIssuer({ issuer: '', privateJwk, extraKeys: [] })
  const torn = (await issuer.isUsable()) ? [] : [finding('signing-key-torn', 'STEP_UP_PRIVATE_JWK')]
  const own = await calculateJwkThumbprint(privateJwk)
  const extra = await Promise.all(extraKeys.map((jwk, at) => checkExtraKey({ ...jwk }, { own, at })))
  return [...torn, ...extra.flat()]
}

async function checkExtraKey(
  jwk: { kty: string; crv: string; x: string; y: string },
  { own, at }: { own: string; at: number },
): Promise<readonly Finding[]> {
  const where = `STEP_UP_EXTRA_JWKS, key ${at + 1}`
  const isUsable = await importJWK(jwk, 'ES256').then(
    () => true,
    () => false,
  )
  if (!isUsable) return [finding('extra-key-unusable', where)]
  return (await calculateJwkThumbprint(jwk)) === own ? [finding('extra-key-is-signing-key', where)] : []
}

function isWeak(bytes: Buffer): boolean {
  return new Set(bytes).size < MIN_DISTINCT_BYTES
}
