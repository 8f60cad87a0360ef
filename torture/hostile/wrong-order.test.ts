import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type BareService, startBareService } from '../../scripts/lib/bare-service.ts'
import { builtWorker, report } from '../lib/run.ts'
import { type Dump, openDump } from './database.ts'
import { act, changesBetween, must, on, pending, type Scene, tokenFor, withAuthenticators } from './scenes.ts'
import { RESET, type Step, tokenOf, VERIFICATIONS, WANTING_MFA, WITHOUT_FACTORS, WITHOUT_MFA } from './steps.ts'
import { WHILE_ON } from './steps-while-on.ts'

const START_TIMEOUT_MS = 120_000

vi.setConfig({ testTimeout: 120_000 })

let service: BareService
let dump: () => Promise<Dump>
let steps = 0

beforeAll(async () => {
  service = await startBareService({ script: builtWorker() })
  dump = await openDump(service.databaseUrl)
}, START_TIMEOUT_MS)

afterAll(async () => {
  report('wrong order', { 'steps out of order': steps })
  await service.end()
})

/** Takes a step, and holds answer, rows and status against what is expected of it. */
async function take(step: Step): Promise<void> {
  steps += 1
  const scene = await step.from(service)
  const token = await tokenOf(service, step, scene)
  const statusBefore = await act(service, 'GET …', { token: scene.token })
  const before = await dump()
  const operation = typeof step.operation === 'string' ? step.operation : step.operation(scene)
  const { outcome } = await act(service, operation, { token, body: step.body?.(scene) })
  expect(outcome, operation).toBe(step.expected)
  expect(changesBetween(before, await dump()), operation).toEqual(step.changes ?? [])
  expect(await act(service, 'GET …', { token: scene.token })).toEqual(statusBefore)
}

describe('with MFA off', () => {
  it.each(Object.entries(WITHOUT_MFA))('nothing works that wants it on, whatever the proof: %s', async (_, from) => {
    const scene = await from(service)
    for (const step of WANTING_MFA) await take({ ...step, from: async () => scene })
  })

  it.each(Object.entries(WITHOUT_FACTORS))('a reset finds nothing: %s', async (_, from) => {
    await take({ ...RESET, from, expected: '409 mfa-not-enabled' })
  })

  it('a reset drops a pending secret', async () => {
    const scene = await pending(service)
    const before = await dump()
    const token = await tokenFor(service, 'administrator', 'mfa:admin')
    await must(act(service, RESET.operation(scene), { token, body: RESET.body() }))
    const ofFactors = ['authenticator', 'event', 'subject.claim', 'subject.event_sequence', 'subject.generation']
    expect(changesBetween(before, await dump())).toEqual(ofFactors)
    expect((await act(service, 'GET …', { token: scene.token })).body).toMatchObject({ enabled: false, pending: null })
  })
})

describe('a code is verified', () => {
  const operation = 'POST …/verify'
  const body = ({ pendingCode }: Scene) => ({ code: pendingCode(0) })

  it.each(VERIFICATIONS)('%s', async (_, step) => {
    await take({ operation, body, ...step })
  })

  it.each([
    ['first', on],
    ['second', () => withAuthenticators(service, 2)],
  ])('twice by the same token, for a %s authenticator: the same answer again, and no change', async (which, from) => {
    const scene = await from(service)
    const before = await dump()
    const again = await act(service, operation, { token: scene.token, body: body(scene) })
    const expected = which === 'first' ? scene.backupCodes : []
    expect(again.body['backup_codes'] ?? again.outcome).toEqual(expected)
    expect(changesBetween(before, await dump())).toEqual([])
  })
})

describe('with MFA on', () => {
  it.each(WHILE_ON)('%s', async (_, step) => {
    await take(step)
  })
})
