import { expect } from 'vitest'
import { livePending, throttleOf } from './state.ts'
import type { World } from './world.ts'

/** The status says what the model knows. */
export async function expectSameStatus({ service, sub, administrator, state }: World): Promise<void> {
  const pending = livePending(state)
  const { status, body } = await service.call(`GET /api/admin/users/${sub}/mfa`, { token: administrator })
  expect(status).toBe(200)
  expect({
    enabled: body['enabled'],
    pending: body['pending'],
    authenticators: (body['authenticators'] as { id: string }[]).map(({ id }) => id).sort(),
    remaining: Object(body['backup_codes']).remaining,
    throttle: body['throttle'],
  }).toEqual({
    enabled: state.phones.length > 0,
    pending: pending ? { expires_at: moment(pending.expiresAt) } : null,
    authenticators: state.phones.map(({ id }) => id).sort(),
    remaining: state.backupCodes.size,
    throttle: {
      state: throttleOf(state),
      failures: state.failures,
      retry_at: moment(state.retryAt),
      unlocked_at: moment(state.unlockedAt),
    },
  })
}

/** A moment as the service tells it. */
export function moment(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString()
}
