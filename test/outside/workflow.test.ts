import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const workflow = readFileSync('.github/workflows/deploy.yml', 'utf8')
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
const jobs = workflow.slice(workflow.indexOf('\njobs:\n')).split(/^ {2}(?=\w+:$)/m)
const jobOf = (name: string) => jobs.find((job) => job.startsWith(`${name}:`)) ?? ''
const each = (pattern: RegExp) => [...workflow.matchAll(pattern)].map(([, found]) => found)

describe('the workflow that deploys', () => {
  it('pins every action to a commit, and says which version that is', () => {
    const actions = each(/uses: *(.*)/g)
    expect(actions).not.toEqual([])
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('may do nothing but read the code, and leaves no credential beside it', () => {
    expect(workflow).toMatch(/^permissions: \{\}$/m)
    expect(each(/^ +(\w[\w-]*: (?:read|write)(?:-all)?)$/gm)).toEqual(Array(3).fill('contents: read'))
    expect(each(/(persist-credentials: \w+)/g)).toHaveLength(each(/(uses: actions\/checkout)/g).length)
    expect(each(/persist-credentials: (\w+)/g)).not.toContain('true')
  })

  it('goes on from one job to the next only when that one held, and deploys no pull request', () => {
    expect(jobOf('staging')).toMatch(/needs: check\n +if: github\.event_name == 'push'\n/)
    expect(jobOf('production')).toContain('needs: staging\n')
    expect(jobOf('production')).toContain('steps: *deployment')
    expect(workflow).not.toMatch(/pull_request_target|workflow_run|always\(\)|continue-on-error/)
  })

  it('migrates, deploys and looks, in that order', () => {
    expect(jobOf('staging').match(/(db:migrate|wrangler deploy|npm run smoke)/g)).toEqual([
      'db:migrate',
      'wrangler deploy',
      'npm run smoke',
    ])
  })

  it('runs commands that there are, and hands them no text that a change could choose', () => {
    for (const name of each(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([name ?? ''])
    expect(each(/run: (.*\$\{\{.*)/g)).toEqual([])
  })

  it('holds no secret of the Worker', () => {
    expect(new Set(each(/secrets\.(\w+)/g))).toEqual(new Set(['CLOUDFLARE_API_TOKEN', 'TURSO_MIGRATION_TOKEN']))
  })
})
