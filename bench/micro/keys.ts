import { openSecret, sealSecret } from '../../src/core/authenticator.ts'
import { backupCodeCandidates, generateBackupCodes, hashBackupCodes } from '../../src/core/backup-codes.ts'
import { createKeyring } from '../../src/core/keyring.ts'
import type { Random } from '../../src/core/random.ts'
import { SECRET_BYTES, TOTP_PARAMETERS } from '../../src/core/totp.ts'
import type { Job } from './job.ts'

const random: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  uuid: () => crypto.randomUUID(),
}
const subject = { issuer: 'https://issuer.example', sub: '7d2b6f1e-5a0c-4c3e-9a63-2f3f7f0f6f5e' }
const authenticatorId = 'c4a8b9d0-3b7e-4a52-8f06-0c1d2e3f4a5b'
const identity = { subject, authenticatorId, parameters: TOTP_PARAMETERS }
const by = 'Edge MFA'

/** What is done with the keys of the ring, which are derived once. */
export const KEY_JOBS: readonly Job[] = [
  {
    what: 'seal a secret',
    by,
    prepare: () => {
      const { secret, keyring } = ring()
      return async () => (await sealSecret(secret, { identity, keyring, random })).startsWith('v1.')
    },
  },
  {
    what: 'open a secret',
    by,
    prepare: async () => {
      const { secret, keyring } = ring()
      const sealed = await sealSecret(secret, { identity, keyring, random })
      return async () => (await openSecret(sealed, { identity, keyring }))?.length === SECRET_BYTES
    },
  },
  {
    what: 'make ten backup codes',
    by,
    prepare: () => () => generateBackupCodes(random).length === 10,
  },
  {
    what: 'hash ten backup codes',
    by,
    prepare: () => {
      const { keyring } = ring()
      const codes = generateBackupCodes(random)
      return async () => (await hashBackupCodes(codes, { subject, keyring })).length === 10
    },
  },
  {
    what: 'hash one backup code, to find it',
    by,
    prepare: () => {
      const { keyring } = ring()
      const symbols = (generateBackupCodes(random)[0] ?? '').replaceAll('-', '')
      return async () => (await backupCodeCandidates(symbols, { subject, keyring })).length === 1
    },
  },
]

function ring() {
  const keyring = createKeyring([{ id: 'k20261124-abc123', bytes: random.bytes(32) }])
  return { keyring, secret: random.bytes(SECRET_BYTES) }
}
