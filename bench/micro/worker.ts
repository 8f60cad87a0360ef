import type { Job } from './job.ts'
import { KEY_JOBS } from './keys.ts'
import { TOKEN_JOBS } from './tokens.ts'
import { TOTP_JOBS } from './totp.ts'

/*
 * Does one job as often as it is told. It measures nothing itself: its clock stands still while it computes, so whoever
 * asks looks at the process from outside.
 */

/** What a repetition costs by itself, to be taken off. */
const NOTHING: Job = { what: 'nothing', by: '', prepare: () => () => true }
const JOBS: readonly Job[] = [NOTHING, ...TOTP_JOBS, ...KEY_JOBS, ...TOKEN_JOBS]

export default {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url)
    const job = JOBS[Number(pathname.slice('/jobs/'.length))]
    if (pathname === '/jobs') return Response.json(JOBS.map(({ what, by }) => ({ what, by })))
    if (job === undefined || !pathname.startsWith('/jobs/')) return new Response(null, { status: 404 })
    await repeat(job, Number(searchParams.get('times')))
    return new Response(null, { status: 204 })
  },
} satisfies ExportedHandler

async function repeat({ what, by, prepare }: Job, times: number): Promise<void> {
  const work = await prepare()
  for (let done = 0; done < times; done += 1) {
    if (!(await work())) throw new Error(`${by} did not ${what}`)
  }
}
