import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { operatorStore } from '../src/store/operator-store.ts'
import { databaseFromEnvironment } from './lib/database.ts'
import { Complaint, run } from './lib/process.ts'

/*
 * For the day when a master key may be known, and with it perhaps any copy of the database: everybody who ever had a
 * secret or a backup code under it must enroll anew. Sealing the secrets again would not help.
 */

const SHOWN = 20
const STEP = 100
const USAGE = 'npm run compromise -- --key ID [--apply]'

await run(async () => {
  const { values } = parseArgs({ options: { key: { type: 'string' }, apply: { type: 'boolean', default: false } } })
  if (!values.key) throw new Complaint(USAGE)
  const store = operatorStore(databaseFromEnvironment())
  const { subjects, first } = await store.listCompromised({ keyId: values.key, limit: SHOWN })
  console.log(`${subjects} subjects ever had something under the key ${values.key}.`)
  if (values.apply) return apply(store, { keyId: values.key, subjects })
  for (const subject of first) console.log(`  ${subject}`)
  if (subjects > first.length) console.log('  …')
  console.log('With --apply, MFA is turned off for all of them. Take the key out of MFA_KEYS first.')
})

async function apply(
  store: ReturnType<typeof operatorStore>,
  options: { keyId: string; subjects: number },
): Promise<void> {
  const { keyId, subjects } = options
  const outbox = Boolean(process.env['WEBHOOK_URL'])
  const requestId = randomUUID()
  let done = 0
  for (let step = STEP; step === STEP; ) {
    step = await store.resetCompromised({ keyId, limit: STEP, now: Date.now(), requestId, outbox })
    done += step
    console.log(`${done} of ${subjects} reset`)
  }
}
