import { createApp, createMisconfiguredApp } from './app.ts'
import { type ConfigFault, loadConfig, publicUrlOf } from './config.ts'
import { fail, ok, type Result } from './core/result.ts'
import { deliverAfterAnswer } from './jobs/deliver-outbox.ts'
import { runJobs } from './jobs/scheduled.ts'
import { type Bindings, createRuntime, createServices, log, type Runtime } from './services.ts'

const app = createApp()
const misconfiguredApp = createMisconfiguredApp()
const runtimes = new WeakMap<object, Result<Runtime, readonly ConfigFault[]>>()

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
  await deliverAfterAnswer(createServices(runtime, { timeoutMs: JOB_TIMEOUT_MS })).catch(() => undefined)
}

/** The runtime of an environment, made when it is first seen: an isolate has one. */
async function runtimeOf(env: Env): Promise<Result<Runtime, readonly ConfigFault[]>> {
  const known = runtimes.get(env)
  if (known) return known
  const runtime = await loadRuntime(env)
  runtimes.set(env, runtime)
  return runtime
}

async function loadRuntime(env: Env): Promise<Result<Runtime, readonly ConfigFault[]>> {
  const config = loadConfig({ ...env })
  if (!config.ok) return config
  const runtime = createRuntime(config.value, bindingsOf(env))
  if (await runtime.stepUp.isUsable()) return ok(runtime)
  return fail([{ name: 'STEP_UP_PRIVATE_JWK', message: 'must be a key of which the public part is its own' }])
}

function bindingsOf(env: Env): Bindings {
  return { subjectLimit: env.SUBJECT_LIMIT, addressLimit: env.ADDRESS_LIMIT, metrics: env.METRICS, files: env.ASSETS }
}

/** Names every fault at once and repeats no value. */
function reporter(faults: readonly ConfigFault[]): (requestId: string) => void {
  const operation = 'configuration'
  return (requestId) =>
    log({ time: new Date().toISOString(), level: 'error', requestId, operation, problem: 'internal', faults })
}
