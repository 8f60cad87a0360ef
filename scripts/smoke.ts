import { parseArgs } from 'node:util'
import { CliError } from '../operator/cli-error.ts'
import { toOrigin } from '../src/config-values.ts'
import { run } from './lib/process.ts'
import { enrollAndRemove } from './smoke/enrollment.ts'
import { openSteps, type Step } from './smoke/open-steps.ts'

/*
 * Looks at a running service from outside, after a deploy. With the token of a subject made for this, also a whole
 * enrollment, removed again at the end. Ends with 1 when a step did not hold.
 */

const USAGE = 'npm run smoke -- --url https://mfa.example.com [--token TOKEN] (or the token in SMOKE_TOKEN)'

await run(async () => {
  const { values } = parseArgs({ options: { url: { type: 'string' }, token: { type: 'string' } } })
  // A token goes there: nothing but an origin with TLS, except on loopback.
  const url = toOrigin(values.url ?? '')
  if (url === undefined) throw new CliError(USAGE)
  const failures: string[] = []
  for (const step of openSteps(url)) if (!(await holds(step))) failures.push(step.name)
  const token = values.token ?? process.env['SMOKE_TOKEN']
  if (!token) console.log('- no enrollment: there is no token')
  else if (!(await enrollmentHolds({ url, token }))) failures.push('the enrollment')
  if (failures.length > 0) throw new CliError(`Did not hold: ${failures.join('; ')}.`)
  console.log('Every step held.')
})

async function holds({ name, look }: Step): Promise<boolean> {
  const seen = await look().catch(() => 'no answer')
  console.log(seen === undefined ? `✓ ${name}` : `✗ ${name}: ${seen}`)
  return seen === undefined
}

async function enrollmentHolds(subject: { url: string; token: string }): Promise<boolean> {
  try {
    await enrollAndRemove(subject, (step) => console.log(`✓ ${step}`))
    return true
  } catch (error) {
    console.log(`✗ enrollment: ${error instanceof Error ? error.message : 'failed'}`)
    return false
  }
}
