import { exportJWK, generateKeyPair } from 'jose'
import { CliError } from '../../operator/cli-error.ts'
import { type LocalService, startLocalService } from '../../scripts/lib/service.ts'

/** The issuer of the examples; Edge MFA trusts it by its public key. */
export const ISSUER = 'https://issuer.example'
/** The name of its key. */
export const KEY_ID = 'example'

type Keys = Awaited<ReturnType<typeof generateKeyPair>>

/** An example gets a local service, and the keys of the issuer that the service trusts. */
export type Example = (service: LocalService, keys: Keys) => Promise<void>

/** Runs an example against a fresh local service whose access tokens are signed by a fresh key. */
export async function runExample(example: Example): Promise<void> {
  const keys = await generateKeyPair('ES256')
  const publicJwk = { ...(await exportJWK(keys.publicKey)), kid: KEY_ID }
  const settings = { AUTH_HS256_SECRET: '', AUTH_JWKS: JSON.stringify({ keys: [publicJwk] }), AUTH_ISSUER: ISSUER }
  const service = await startLocalService(settings)
  try {
    await example(service, keys)
    console.log('\nEvery step held.')
  } finally {
    await service.end()
  }
}

/** Prints a step; the example ends where one does not hold. */
export function step(name: string, holds: boolean): void {
  console.log(`${holds ? '✓' : '✗'} ${name}`)
  if (!holds) throw new CliError('This step did not hold.')
}
