import { createApp, createMisconfiguredApp } from './app.ts'
import { type ConfigFault, loadConfig } from './config.ts'
import { fail, ok, type Result } from './core/result.ts'
import { createRuntime, createServices, log, type Runtime } from './services.ts'

const app = createApp()
const misconfiguredApp = createMisconfiguredApp()
const runtimes = new WeakMap<object, Result<Runtime, readonly ConfigFault[]>>()

export default {
  fetch(request, env, context) {
    const runtime = runtimeOf(env)
    if (runtime.ok) return app.fetch(request, createServices(runtime.value), context)
    const report = (requestId: string) => reportFaults(requestId, runtime.failure)
    return misconfiguredApp.fetch(request, { report }, context)
  },
} satisfies ExportedHandler<Env>

/** The runtime of an environment, made when it is first seen: an isolate has one. */
function runtimeOf(env: Env): Result<Runtime, readonly ConfigFault[]> {
  const known = runtimes.get(env)
  if (known) return known
  const config = loadConfig({ ...env })
  const runtime = config.ok
    ? ok(
        createRuntime(config.value, {
          subject: env.SUBJECT_LIMIT,
          address: env.ADDRESS_LIMIT,
        }),
      )
    : fail(config.failure)
  runtimes.set(env, runtime)
  return runtime
}

/** Names every fault at once and repeats no value. */
function reportFaults(requestId: string, faults: readonly ConfigFault[]): void {
  log({
    time: new Date().toISOString(),
    level: 'error',
    requestId,
    operation: 'configuration',
    problem: 'internal',
    faults,
  })
}
