import { randomBytes, randomUUID } from 'node:crypto'
import type { Client } from '@libsql/client/http'
import { sealSecret } from '../../src/core/authenticator.ts'
import { createKeyring } from '../../src/core/keyring.ts'
import type { Random } from '../../src/core/random.ts'
import { TOTP_PARAMETERS } from '../../src/core/totp.ts'

const random: Random = { bytes: (length) => new Uint8Array(randomBytes(length)), uuid: () => randomUUID() }
const SECRET_BYTES = 20
/** Rows of one kind that one tick deletes, and secrets that it seals again, as src/jobs has them. */
const DELETED = 500
const RESEALED = 200
const YEAR_MS = 31_536_000_000

/** A master key as the setting `MFA_KEYS` takes it. */
export type SettingKey = { readonly id: string; readonly setting: string; readonly bytes: Uint8Array<ArrayBuffer> }

/** A fresh master key. */
export function freshKey(id: string): SettingKey {
  const bytes = random.bytes(32)
  return { id, setting: `${id}:${Buffer.from(bytes).toString('base64url')}`, bytes }
}

/** Subjects evenly spread over the table: every so manieth one. */
const SPREAD = 'id % max((SELECT max(id) FROM subject) / :count, 1) = 0'

/** Leaves as much to do as so many ticks can. */
export async function makeDue(
  client: Client,
  options: { readonly ticks: number; readonly oldKey: SettingKey },
): Promise<void> {
  const { ticks, oldKey } = options
  const count = BigInt(DELETED * ticks)
  const past = BigInt(Date.now() - 2 * YEAR_MS)
  const subjects = `SELECT id FROM subject WHERE ${SPREAD} LIMIT :count`
  await client.batch(
    [
      { sql: `UPDATE event SET at = :past WHERE sequence = 1 AND subject_id IN (${subjects})`, args: { count, past } },
      {
        sql: `INSERT OR REPLACE INTO verify_repeat (subject_id, sealed, mark, expires_at)
          SELECT id, hex(randomblob(200)), hex(randomblob(32)), :past FROM subject WHERE ${SPREAD} LIMIT :count`,
        args: { count, past },
      },
      {
        sql: `INSERT INTO authenticator (subject_id, id, state, name, sealed, key_id, algorithm, digits, step_seconds,
            created_at, expires_at, generation)
          SELECT id, hex(randomblob(18)), 'pending', 'Authenticator', hex(randomblob(42)), 'due', 'SHA1', 6, 30, :past, :past, 1
          FROM subject WHERE ${SPREAD} LIMIT :count`,
        args: { count, past },
      },
    ],
    'write',
  )
  await sealUnder(client, { count: RESEALED * ticks, key: oldKey })
}

/** Puts true envelopes under another key in the place of some secrets. */
async function sealUnder(client: Client, options: { readonly count: number; readonly key: SettingKey }): Promise<void> {
  const { count, key } = options
  const keyring = createKeyring([key])
  const { rows } = await client.execute({
    sql: `SELECT subject_id, authenticator.id, issuer, sub FROM subject JOIN authenticator ON subject_id = subject.id
      WHERE ${SPREAD.replace('id', 'subject.id')} AND state = 'active' LIMIT :count`,
    args: { count: BigInt(count) },
  })
  const changes = []
  for (const row of rows) {
    const subject = { issuer: String(row['issuer']), sub: String(row['sub']) }
    const identity = { subject, authenticatorId: String(row['id']), parameters: TOTP_PARAMETERS }
    const sealed = await sealSecret(random.bytes(SECRET_BYTES), { identity, keyring, random })
    changes.push({ subjectId: Number(row['subject_id']), id: row['id'], sealed })
  }
  await client.execute({
    sql: `UPDATE authenticator SET sealed = change.value ->> 'sealed', key_id = :keyId FROM json_each(:changes) AS change
      WHERE subject_id = change.value ->> 'subjectId' AND authenticator.id = change.value ->> 'id'`,
    args: { keyId: key.id, changes: JSON.stringify(changes) },
  })
}
