import { parseArgs } from 'node:util'
import { operatorStore, type Waiting } from '../src/store/operator-store.ts'
import { databaseFromEnvironment } from './lib/database.ts'
import { Complaint, run } from './lib/process.ts'

const MOST = 1_000
const USAGE = 'npm run outbox -- list | retry [--event ID]'

await run(async () => {
  const { positionals, values } = parseArgs({ options: { event: { type: 'string' } }, allowPositionals: true })
  const store = operatorStore(databaseFromEnvironment())
  switch (positionals[0]) {
    case 'list': {
      const { waiting, pausedAt } = await store.listOutbox(MOST)
      if (pausedAt !== null) console.log(`Paused since ${new Date(pausedAt).toISOString()}: the receiver answered 410.`)
      for (const each of waiting) console.log(describe(each))
      console.log(`${waiting.length}${waiting.length === MOST ? ' or more' : ''} waiting`)
      return
    }
    case 'retry':
      if (!(await store.retryDeliveries({ now: Date.now(), eventId: values.event }))) {
        throw new Complaint(`No delivery of the event ${values.event} waits.`)
      }
      console.log('The next tick of the cron tries again.')
      return
    default:
      throw new Complaint(USAGE)
  }
})

function describe({ eventId, type, attempts, nextAt, issuer, sub }: Waiting): string {
  const next = nextAt === null ? 'given up' : `next try ${new Date(nextAt).toISOString()}`
  return `${eventId}  ${type}  ${attempts} failed  ${next}  ${issuer} ${sub}`
}
