import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isPermissive } from '../../scripts/lib/lockfile.ts'
import { shippedPackages } from '../../scripts/lib/shipped.ts'
import { readDocument } from '../support/node/markdown.ts'

const shipped = await shippedPackages()

describe('what the Worker carries', () => {
  it('is what docs/supply-chain.md lists, under those licences', async () => {
    const text = await readDocument('docs/supply-chain.md')
    const rows = [...text.matchAll(/^\| `([^`]+)` \| ([^|]+) \| [^|]+ \|$/gm)].map(([, name, licence]) => [
      name,
      licence,
    ])
    expect(rows).toEqual(shipped.map(({ name, locked }) => [name, locked.license]))
  })

  it('is no tool, and asks for nothing but its notice', () => {
    expect(shipped.filter(({ locked }) => locked.dev || !isPermissive(locked.license))).toEqual([])
  })
})

describe('the workflow that audits', () => {
  const workflow = readFileSync('.github/workflows/audit.yml', 'utf8')

  it('runs actions that are pinned to a commit', () => {
    const actions = [...workflow.matchAll(/uses: *(.*)/g)].map(([, action]) => action)
    expect(actions).not.toEqual([])
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('may do nothing but read the code, and holds no secret', () => {
    expect(workflow).toMatch(/^permissions: \{\}$/m)
    expect(workflow.match(/^ +[\w-]+: (?:read|write)(?:-all)?$/gm)).toEqual(['      contents: read'])
    expect(workflow).not.toMatch(/secrets\.|persist-credentials: true|pull_request_target|continue-on-error/)
  })

  it('asks for known faults and for signatures', () => {
    expect(workflow).toMatch(/npm audit --omit dev\n/)
    expect(workflow).toMatch(/npm audit signatures\n/)
  })
})
