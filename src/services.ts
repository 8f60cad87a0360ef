import { type Config, isLocal } from './config.ts'
import type { Delivery, DeliveryOutcome } from './core/delivery.ts'
import { createKeyring, type Keyring } from './core/keyring.ts'
import type { Random } from './core/random.ts'
import { createDatabaseHealth, type DatabaseHealth } from './database-health.ts'
import type { WaitUntil } from './single-flight.ts'
import { openDatabase } from './store/client.ts'
import { createStore, type Store } from './store/store.ts'
import { type AccessTokenVerifier, createAccessTokenVerifier } from './tokens/access-token.ts'
import { createDemonstrationIssuer, type MintDemoToken } from './tokens/demonstration.ts'
import { createStepUpIssuer, type StepUpIssuer, type StepUpSettings } from './tokens/step-up.ts'
import { deliver } from './webhooks/deliver.ts'

/** Milliseconds after which a request is answered, whatever the parts behind it do. */
const REQUEST_TIMEOUT_MS = 4_500

/** What lives as long as the isolate: nothing in it belongs to a request. */
export type Runtime = {
  readonly config: Config
  readonly keyring: Keyring
  readonly verifyAccessToken: AccessTokenVerifier
  readonly stepUp: StepUpIssuer
  /** Mints a token for a demo user; defined on a loopback service that shares a secret with its issuer. */
  readonly mintDemoToken: MintDemoToken | undefined
  readonly bindings: Bindings
  readonly databaseHealth: DatabaseHealth
}

/** Everything that a request needs, as plain values and functions. */
export type Services = Omit<Runtime, 'databaseHealth' | 'bindings'> & {
  readonly store: Store
  readonly random: Random
  /** Milliseconds since the epoch. */
  readonly now: () => number
  /** Round trips to the database so far. */
  readonly roundTrips: () => number
  /** Tries to deliver one event to the receiver of webhooks; undefined where there is none. */
  readonly deliver: ((delivery: Delivery, now: number) => Promise<DeliveryOutcome>) | undefined
  readonly rateLimits: Bindings['rateLimits']
  /** Why the database does not answer, for the log; undefined when it does. Calls it once in five seconds at most. */
  readonly databaseFailure: (waitUntil: WaitUntil) => Promise<string | undefined>
  /** A file that was deployed with the Worker, by its path; undefined where there is none. */
  readonly readFile: (path: string) => Promise<DeployedFile | undefined>
  /** Writes one data point, where metrics are bound. */
  readonly measure: (measurement: Measurement) => void
  /** Writes one line of JSON. */
  readonly log: (line: Readonly<Record<string, unknown>>) => void
}

/** Optional bindings: without a rate limit nothing is limited, without metrics nothing measured, without files there is
 * no documentation. */
export type Bindings = {
  readonly rateLimits: {
    /** Counts the requests of a client address. */
    readonly address: RateLimit | undefined
    /** Counts the requests of a subject from one client address. */
    readonly subject: RateLimit | undefined
  }
  readonly metrics: AnalyticsEngineDataset | undefined
  readonly files: Fetcher | undefined
}

/** A file as it is sent. */
export type DeployedFile = { readonly contentType: string; readonly body: ReadableStream }

/** A data point: what it is about, and its figures. It holds as little of a person as a log line does. */
export type Measurement = {
  readonly index: string
  readonly labels: readonly string[]
  readonly values: readonly number[]
}

/** What one isolate makes once from its configuration. */
export function createRuntime(config: Config, bindings: Bindings): Runtime {
  return {
    bindings,
    config,
    keyring: createKeyring(config.MFA_KEYS),
    verifyAccessToken: createAccessTokenVerifier(...config.issuers),
    stepUp: createStepUpIssuer(stepUpSettings(config)),
    mintDemoToken: demonstrationIssuer(config),
    databaseHealth: createDatabaseHealth(),
  }
}

/** What one request gets: the runtime, and fresh objects for what does I/O. `onQueued` is called when events were queued. */
export function createServices(
  runtime: Runtime,
  { timeoutMs = REQUEST_TIMEOUT_MS, onQueued = () => {} }: { timeoutMs?: number; onQueued?: () => void } = {},
): Services {
  const { config, databaseHealth, bindings } = runtime
  const now = () => Date.now()
  const database = openDatabase({
    url: config.TURSO_DATABASE_URL,
    authToken: config.TURSO_AUTH_TOKEN,
    deadlineAt: now() + timeoutMs,
  })
  const { WEBHOOK_URL: url, WEBHOOK_SECRET: secrets } = config
  const store = createStore(database, { onQueued: url && onQueued })

  return {
    ...runtime,
    store,
    random,
    now,
    roundTrips: database.roundTrips,
    deliver: url && secrets && ((delivery, at) => deliver(delivery, { receiver: { url, secrets }, now: at })),
    rateLimits: bindings.rateLimits,
    databaseFailure: (waitUntil) => databaseHealth(store.ping, { now: now(), waitUntil }),
    readFile: (path) => readFile(bindings.files, path),
    measure: (measurement) => measure(bindings.metrics, measurement),
    log,
  }
}

const random: Random = {
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
  uuid: () => crypto.randomUUID(),
}

/** The one writer of logs. A log that fails takes nothing back, so it throws nothing. */
export function log(line: Readonly<Record<string, unknown>>): void {
  try {
    console.log(JSON.stringify(line))
  } catch {
    // There is nowhere left to tell it.
  }
}

/** Metrics that fail are lost, and nothing else with them. */
function measure(metrics: AnalyticsEngineDataset | undefined, { index, labels, values }: Measurement): void {
  try {
    metrics?.writeDataPoint({ indexes: [index], blobs: [...labels], doubles: [...values] })
  } catch {
    // As above.
  }
}

/** The host of the address is of no meaning: the files are those of this Worker. */
async function readFile(files: Fetcher | undefined, path: string): Promise<DeployedFile | undefined> {
  const response = await files?.fetch(new URL(path, 'https://files.invalid'))
  if (!response?.ok || response.body === null) return undefined
  return { contentType: response.headers.get('Content-Type') ?? 'application/octet-stream', body: response.body }
}

/** The demonstration page gets tokens of the first issuer with a shared secret. */
function demonstrationIssuer(config: Config): MintDemoToken | undefined {
  if (!config.PAGE_ENABLED || !isLocal(config)) return undefined
  const [first] = config.issuers.flatMap(({ iss, audience, keys }) =>
    keys.kind === 'secret' ? [{ issuer: iss, audience, secret: keys.secret }] : [],
  )
  return first && createDemonstrationIssuer(first)
}

function stepUpSettings(config: Config): StepUpSettings {
  return {
    issuer: config.STEP_UP_ISSUER,
    privateJwk: config.STEP_UP_PRIVATE_JWK,
    extraKeys: config.STEP_UP_EXTRA_JWKS?.keys ?? [],
  }
}
