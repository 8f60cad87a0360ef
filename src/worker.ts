import { createApp, createMisconfiguredApp } from './app.ts'
import { type ConfigError, loadConfig, publicUrlOf } from './config.ts'
import { fail, ok, type Result } from './core/result.ts'
import { deliverAfterResponse } from './jobs/deliver-outbox.ts'
import { runJobs } from './jobs/scheduled.ts'
import { type Bindings, createRuntime, createServices, log, type Runtime } from './services.ts'

const app = createApp()
const misconfiguredApp = createMisconfiguredApp()
type LoadedRuntime = Result<Runtime, readonly ConfigError[]>

const runtimes = new WeakMap<object, LoadedRuntime>()
/** Runtimes whose signing key was checked. */
const usable = new WeakSet<Runtime>()
const UNUSABLE_SIGNING_KEY: ConfigError = {
  name: 'STEP_UP_PRIVATE_JWK',
  message: 'must be a key of which the public part is its own',
}

/** Milliseconds that a job may take; its calls of the database end sooner, each by its own deadline. */
const JOB_TIMEOUT_MS = 75_000

export default {
  async fetch(request, env, context) {
    const runtime = await runtimeOf(env)
    if (!runtime.ok)
      return misconfiguredApp.fetch(
        request,
        { publicUrl: publicUrlOf({ ...env }), report: reporter(runtime.failure) },
        context,
      )
    const onQueued = () => context.waitUntil(deliverQueued(runtime.value))
    return app.fetch(request, createServices(runtime.value, { onQueued }), context)
  },

  async scheduled(_controller, env) {
    const runtime = await runtimeOf(env)
    if (runtime.ok) await runJobs(() => createServices(runtime.value, { timeoutMs: JOB_TIMEOUT_MS }))
    else reporter(runtime.failure)(crypto.randomUUID())
  },
} satisfies ExportedHandler<Env>

/** Delivers what a request queued. If it fails, the next run of the cron delivers it. */
async function deliverQueued(runtime: Runtime): Promise<void> {
  await deliverAfterResponse(createServices(runtime, { timeoutMs: JOB_TIMEOUT_MS })).catch(() => undefined)
}

/**
 * The runtime of an environment: an isolate has one. It is published before anything is awaited, since requests that
 * arrive together in a new isolate must share its key set and its health.
 */
async function runtimeOf(env: Env): Promise<LoadedRuntime> {
  const loaded = runtimes.get(env) ?? publish(env, loadRuntime(env))
  if (!loaded.ok || usable.has(loaded.value)) return loaded
  if (!(await loaded.value.stepUp.isUsable())) return publish(env, fail([UNUSABLE_SIGNING_KEY]))
  usable.add(loaded.value)
  return loaded
}

function publish(env: Env, runtime: LoadedRuntime): LoadedRuntime {
  runtimes.set(env, runtime)
  return runtime
}

function loadRuntime(env: Env): LoadedRuntime {
  const config = loadConfig({ ...env })
  return config.ok ? ok(createRuntime(config.value, bindingsOf(env))) : config
}

function bindingsOf(env: Env): Bindings {
  const rateLimits = { address: env.ADDRESS_LIMIT, subject: env.SUBJECT_LIMIT }
  return { rateLimits, metrics: env.METRICS, files: env.ASSETS }
}

/** Names every fault at once and repeats no value. */
function reporter(faults: readonly ConfigError[]): (requestId: string) => void {
  const operation = 'configuration'
  return (requestId) =>
    log({ time: new Date().toISOString(), level: 'error', requestId, operation, problem: 'internal', faults })
}
