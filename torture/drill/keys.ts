import { randomUUID } from 'node:crypto'
import { createLocalJWKSet, exportJWK, generateKeyPair, type JSONWebKeySet, type JWK, jwtVerify, SignJWT } from 'jose'
import { freshSecrets, type Settings } from '../../scripts/lib/settings.ts'
import type { Fleet } from './fleet.ts'

/** A key of the issuer of access tokens. */
export type IssuerKey = {
  readonly jwk: JWK
  /** Signs a token for somebody. */
  readonly sign: (sub: string) => Promise<string>
}

/** Every key that a service depends on, of one generation. */
export type Keys = {
  readonly master: string
  readonly stepUp: string
  readonly webhook: string
  readonly issuer: IssuerKey
}

/** Fresh keys for the service that these settings describe. */
export async function freshKeys(settings: Settings): Promise<Keys> {
  const { MFA_KEYS, STEP_UP_PRIVATE_JWK, WEBHOOK_SECRET } = await freshSecrets()
  return {
    master: MFA_KEYS,
    stepUp: STEP_UP_PRIVATE_JWK,
    webhook: WEBHOOK_SECRET,
    issuer: await newIssuerKey(settings),
  }
}

/** A fresh one. */
export async function newIssuerKey(settings: Settings): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const kid = randomUUID()
  const { AUTH_ISSUER: iss = '', AUTH_AUDIENCE: aud = '' } = settings
  const sign = (sub: string) =>
    new SignJWT({ iss, aud, sub })
      .setProtectedHeader({ alg: 'ES256', kid })
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey)
  return { jwk: { ...(await exportJWK(publicKey)), kid }, sign }
}

/** The settings of the three deploys of a rotation: the next keys are announced, they take over, the old ones go. */
export function rotationOf(old: Keys, next: Keys): { announced: Settings; taken: Settings; over: Settings } {
  const both = { AUTH_JWKS: keySet(old.issuer.jwk, next.issuer.jwk), WEBHOOK_SECRET: `${next.webhook},${old.webhook}` }
  return {
    announced: {
      ...both,
      MFA_KEYS: `${old.master},${next.master}`,
      STEP_UP_EXTRA_JWKS: keySet(publicPart(next.stepUp)),
    },
    taken: {
      ...both,
      MFA_KEYS: `${next.master},${old.master}`,
      STEP_UP_PRIVATE_JWK: next.stepUp,
      STEP_UP_EXTRA_JWKS: keySet(publicPart(old.stepUp)),
    },
    over: settingsOf(next),
  }
}

/** The settings of a service that has one key of each kind. */
export function settingsOf({ master, stepUp, webhook, issuer }: Keys): Settings {
  return {
    MFA_KEYS: master,
    STEP_UP_PRIVATE_JWK: stepUp,
    STEP_UP_EXTRA_JWKS: '',
    WEBHOOK_SECRET: webhook,
    AUTH_HS256_SECRET: '',
    AUTH_JWKS: keySet(issuer.jwk),
  }
}

function keySet(...keys: readonly JWK[]): string {
  return JSON.stringify({ keys })
}

function publicPart(privateJwk: string): JWK {
  const { d: _, ...jwk } = JSON.parse(privateJwk) as JWK
  return jwk
}

/** A service that checks step-up tokens by the key set that it last fetched. */
export function verifierOf(service: Fleet) {
  let keys = createLocalJWKSet({ keys: [] })
  const refused: string[] = []
  const verifier = {
    refused,
    /** Fetches the key set anew. */
    async refresh(): Promise<void> {
      keys = createLocalJWKSet((await (await service.send('/.well-known/jwks.json')).json()) as JSONWebKeySet)
    },
    /** Whether a token is good. */
    async accepts(token: string): Promise<boolean> {
      const { PUBLIC_URL: issuer = '', STEP_UP_AUDIENCE: audience = '' } = service.settings()
      return jwtVerify(token, keys, { issuer, audience, typ: 'mfa-stepup+jwt' }).then(
        () => true,
        () => false,
      )
    },
    /** Checks a token that must be good, and notes it when it is not. */
    async check(token: string): Promise<void> {
      if (!(await verifier.accepts(token))) refused.push(token)
    },
  }
  return verifier
}
