import { unstable_readConfig as readConfig } from 'wrangler'
import * as z from 'zod/mini'
import { type Finding, finding } from './findings.ts'

const EVERY_MINUTE = '* * * * *'
const LIMITS = ['SUBJECT_LIMIT', 'ADDRESS_LIMIT']
/** The rate limits of the local service, in requests a minute. They are too high for a deployed environment. */
const LOCAL_LIMITS: Readonly<Record<string, number>> = { SUBJECT_LIMIT: 6_000, ADDRESS_LIMIT: 60_000 }

const environment = z.object({
  triggers: z.object({ crons: z.optional(z.array(z.string())) }),
  ratelimits: z.array(z.object({ name: z.string(), simple: z.object({ limit: z.number() }) })),
  analytics_engine_datasets: z.array(z.object({ binding: z.string() })),
})

/** Checks the cron, the rate limits and the metrics of an environment in wrangler.toml. */
export function checkDeployment(file: { readonly config: string; readonly env: string }): readonly Finding[] {
  const {
    triggers,
    ratelimits,
    analytics_engine_datasets: datasets,
  } = environment.parse(readConfig(file, { hideWarnings: true }))
  const where = `env.${file.env}`
  const bound = ratelimits.map(({ name }) => name)
  const missing = LIMITS.filter((name) => !bound.includes(name))
  const wide = ratelimits.filter(({ name, simple }) => simple.limit >= (LOCAL_LIMITS[name] ?? Number.POSITIVE_INFINITY))
  return [
    ...(triggers.crons?.includes(EVERY_MINUTE) ? [] : [finding('cron-unset', where)]),
    ...missing.map((name) => finding('limits-unset', `${where}: ${name}`)),
    ...wide.map(({ name, simple }) => finding('limits-wide', `${where}: ${name} is ${simple.limit} a minute`)),
    ...(datasets.some(({ binding }) => binding === 'METRICS') ? [] : [finding('metrics-unset', where)]),
  ]
}
