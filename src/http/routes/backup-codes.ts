import { generateBackupCodes, hashBackupCodes } from '../../core/backup-codes.ts'
import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { proofBody, proofOf } from '../schemas.ts'
import { jsonBody } from '../validate.ts'
import { verifyProof } from '../verify-proof.ts'

/** `POST …/backup-codes`: replaces the backup codes with a new set. */
export const backupCodes = newHono().post('/', ...guard(), ...jsonBody(proofBody), async (c) => {
  const { keyring, random } = c.env
  const { subject } = c.get('accessToken')
  const codes = generateBackupCodes(random)
  const operation = {
    kind: 'regenerate-backup-codes' as const,
    backupCodes: await hashBackupCodes(codes, { subject, keyring }),
  }
  await verifyProof(c, { subject, proof: proofOf(c.req.valid('json')), operation, now: c.env.now() })
  return c.json({ success: true, message: 'Backup codes regenerated', backup_codes: codes })
})
