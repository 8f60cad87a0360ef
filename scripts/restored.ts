import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { restoredStore } from '../src/store/restored-store.ts'
import { databaseFromEnvironment } from './lib/database.ts'
import { run } from './lib/process.ts'

/*
 * For a database that was just restored from a backup, before the service uses it: codes that were used since the backup
 * would work once more. It closes them all, and tells the owners of backup codes to make new ones.
 */

const PAGE = 200

await run(async () => {
  const { values } = parseArgs({ options: { apply: { type: 'boolean', default: false } } })
  const store = restoredStore(databaseFromEnvironment())
  const { authenticators, codes, pending, repeats } = await store.countOpen()
  console.log(
    `${authenticators} authenticators, ${codes} unused backup codes, ${pending} pending secrets, ${repeats} kept answers.`,
  )
  if (values.apply) return close(store)
  console.log('With --apply, every step up to now counts as used, the codes as used up, and the rest is deleted.')
})

async function close(store: ReturnType<typeof restoredStore>): Promise<void> {
  const outbox = Boolean(process.env['WEBHOOK_URL'])
  const requestId = randomUUID()
  let after = 0
  let subjects = 0
  let codes = 0
  for (;;) {
    const page = await store.closePage({ after, limit: PAGE, now: Date.now(), requestId, outbox })
    if (page.last === undefined) break
    after = page.last
    subjects += page.subjects
    codes += page.codes
  }
  console.log(`Closed: ${subjects} subjects, ${codes} backup codes.`)
}
