import { Hono } from 'hono'
import type { MfaStatus } from '../../core/status.ts'
import type { HttpEnv } from '../env.ts'
import { bearer } from '../middleware/bearer.ts'
import { timestamp } from '../present.ts'

/** `GET /api/user/profile/mfa`: what there is of the caller's second factor. */
export const status = new Hono<HttpEnv>().get('/', bearer(), async (c) => {
  const { store, keyring, now } = c.env
  const { subject } = c.get('accessToken')
  return c.json(presentStatus(await store.readStatus(subject, { now: now(), keyIds: keyring.keyIds })))
})

function presentStatus(found: MfaStatus) {
  return {
    enabled: found.enabledAt !== null,
    enabled_at: timestamp(found.enabledAt),
    pending: found.pendingExpiresAt === null ? null : { expires_at: timestamp(found.pendingExpiresAt) },
    authenticators: found.authenticators.map((authenticator) => ({
      id: authenticator.id,
      name: authenticator.name,
      created_at: timestamp(authenticator.createdAt),
      last_used_at: timestamp(authenticator.lastUsedAt),
    })),
    backup_codes: found.backupCodes,
  }
}
