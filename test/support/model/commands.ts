import fc from 'fast-check'
import { expect } from 'vitest'
import { outcomeOf } from '../account.ts'
import { codeOf } from '../phone.ts'
import type { Answer } from '../service.ts'
import * as model from './state.ts'
import { ask, moveClock, tokenOf, type World } from './world.ts'

/*
 * What clients do, as plain data that shrinks. A choice is a number, read against what there is when its turn comes.
 */

type CodeChoice = { readonly secret: number; readonly ahead: number } | 'wrong'
type ProofChoice = { readonly code: CodeChoice } | { readonly backup: number; readonly old: boolean } | 'none'

type SetUp = { readonly kind: 'setup'; readonly proof: ProofChoice; readonly session: number }
type Proven =
  | { readonly kind: 'challenge' | 'regenerate' | 'disable'; readonly proof: ProofChoice; readonly session: number }
  | { readonly kind: 'remove'; readonly which: number; readonly proof: ProofChoice; readonly session: number }
type Verify = { readonly kind: 'verify'; readonly code: CodeChoice | 'again'; readonly session: number }
type AtOnce = {
  readonly kind: 'verify-at-once' | 'challenge-at-once'
  readonly copies: number
  readonly session: number
}

/** One thing that a client does. */
export type Command =
  | SetUp
  | Proven
  | Verify
  | AtOnce
  | { readonly kind: 'enroll' | 'cancel'; readonly session: number }
  | { readonly kind: 'reset' | 'unlock' }
  | { readonly kind: 'move-clock'; readonly seconds: number }

const session = fc.constantFrom(0, 0, 0, 1)
const ahead = fc.constantFrom(0, 0, 0, 1, -1, 2, -2, 4)
const code: fc.Arbitrary<CodeChoice> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ secret: fc.nat(3), ahead }) },
  { weight: 1, arbitrary: fc.constant('wrong' as const) },
)
const proof: fc.Arbitrary<ProofChoice> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ code }) },
  { weight: 3, arbitrary: fc.record({ backup: fc.nat(9), old: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant('none' as const) },
)
const copies = fc.integer({ min: 2, max: 5 })
const seconds = fc.constantFrom(30, 30, 30, 60, 89, 119, -30, -60, 121, 601, -601, 1_800, 3_700, -3_700, 90_000)

/** Any command; those that lead somewhere come more often. */
export const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('setup' as const), proof, session }) },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('verify' as const),
      code: fc.oneof(code, fc.constant('again' as const)),
      session,
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('challenge' as const), proof, session }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('regenerate' as const, 'disable' as const), proof, session }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('remove' as const), which: fc.nat(4), proof, session }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('verify-at-once' as const, 'challenge-at-once' as const),
      copies,
      session,
    }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('enroll' as const), session }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), session }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('reset' as const, 'unlock' as const) }) },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('move-clock' as const), seconds }) },
)

/** Does one thing to the service and to the model, and holds the answer against what the model expects. */
export async function run(command: Command, world: World): Promise<void> {
  switch (command.kind) {
    case 'setup':
      return setUp(command, world)
    case 'verify':
      return verify(command, world)
    case 'challenge':
    case 'disable':
    case 'regenerate':
    case 'remove':
      return proven(command, world)
    case 'verify-at-once':
      return verifyAtOnce(command, world)
    case 'challenge-at-once':
      return challengeAtOnce(command, world)
    case 'enroll':
      return enroll(command.session, world)
    case 'cancel':
      expect((await ask(world, 'DELETE /setup', command)).status).toBe(204)
      world.state.pending = undefined
      return
    case 'reset':
    case 'unlock':
      return administer(command.kind, world)
    case 'move-clock':
      return moveClock(world, command.seconds * 1000)
  }
}

async function setUp(command: SetUp, world: World): Promise<void> {
  const { state } = world
  const sent = proofOf(command.proof, world)
  const answer = await ask(world, 'POST /setup', { ...command, body: sent ?? {} })
  const judged = model.prove(state, { operation: 'setup', proof: sent })
  // While MFA is off a proof is beside the point.
  const expected = judged.outcome === '409 mfa-not-enabled' ? { outcome: '200' } : judged
  expectAnswer(answer, expected)
  if (expected.outcome !== '200') return
  const secret = String(answer.body['secret'])
  world.secrets.push(secret)
  model.startPending(state, secret)
}

/** What a client does that knows what it wants: so a history comes to where there is something to go wrong. */
async function enroll(session: number, world: World): Promise<void> {
  const proof = world.state.phones.length === 0 ? 'none' : { backup: 0, old: false }
  await setUp({ kind: 'setup', proof, session }, world)
  await verify({ kind: 'verify', code: { secret: 0, ahead: 0 }, session }, world)
}

async function proven(command: Proven, world: World): Promise<void> {
  const { state } = world
  const sent = proofOf(command.proof, world)
  const id = command.kind === 'remove' ? (state.phones[command.which]?.id ?? 'nothing') : ''
  const path = {
    challenge: '/challenge',
    disable: '/disable',
    regenerate: '/backup-codes',
    remove: `/authenticators/${id}/remove`,
  }
  const answer = await ask(world, `POST ${path[command.kind]}`, { ...command, body: sent ?? {} })
  // A challenge without a proof has nothing to do: its shape is at fault.
  if (command.kind === 'challenge' && sent === undefined)
    return expectAnswer(answer, { outcome: '400 invalid-request' })
  const operation = command.kind === 'remove' ? { remove: id } : command.kind
  const expected = model.prove(state, { operation, proof: sent })
  expectAnswer(answer, expected)
  if (expected.outcome !== '200') return
  if (command.kind === 'disable') model.turnOff(state)
  if (command.kind === 'remove') model.removePhone(state, id)
  if (command.kind === 'regenerate') model.replaceBackupCodes(state, keep(world, answer))
}

async function verify(command: Verify, world: World): Promise<void> {
  const { state } = world
  const isRepeat = state.repeat !== undefined
  const code = command.code === 'again' ? (state.repeat?.code ?? '000000') : readCode(command.code, world)
  const token = tokenOf(world, command.session)
  const answer = await ask(world, 'POST /verify', { ...command, body: { code } })
  const expected = model.verify(state, { code, token })
  expectAnswer(answer, expected)
  if (expected.outcome !== '200') return
  if (isRepeat && expected.backupCodes) expect(answer.body['backup_codes']).toEqual(expected.backupCodes)
  else await activated(world, { answer, code, token })
}

/** Copies of one right request: each is answered by the same codes or refused, and one of them at least is answered. */
async function verifyAtOnce(command: AtOnce, world: World): Promise<void> {
  const pending = model.livePending(world.state)
  if (!pending || pending.tried.length > 0 || world.state.repeat) return
  const code = codeOf(pending.secret, world.state.now)
  const asked = Array.from({ length: command.copies }, () => ask(world, 'POST /verify', { ...command, body: { code } }))
  const answers = await Promise.all(asked)
  const [first, ...others] = answers.filter(({ status }) => status === 200)
  expect(
    answers.map(outcomeOf).filter((each) => !/^200$|^400 (invalid-code|no-pending-enrollment)$/.test(each)),
  ).toEqual([])
  if (first === undefined) expect.fail('none of the copies was answered')
  for (const each of others) expect(each.text).toBe(first.text)
  const token = tokenOf(world, command.session)
  model.verify(world.state, { code, token })
  await activated(world, { answer: first, code, token })
}

/** Copies of one right code: it is accepted once. */
async function challengeAtOnce(command: AtOnce, world: World): Promise<void> {
  const { state } = world
  const [phone] = state.phones
  if (!phone || state.failures > 0) return
  const body = { code: codeOf(phone.secret, state.now) }
  const asked = Array.from({ length: command.copies }, () => ask(world, 'POST /challenge', { ...command, body }))
  const outcomes = (await Promise.all(asked)).map(outcomeOf)
  const expected = model.prove(state, { operation: 'challenge', proof: body })
  const accepted = outcomes.filter((each) => each === '200')
  expect(accepted).toHaveLength(expected.outcome === '200' ? 1 : 0)
  expect(outcomes.filter((each) => !/^200$|^400 invalid-code$|^429 too-many-attempts$/.test(each))).toEqual([])
  // How many of the others were counted depends on who came first: a right code by a new start is what settles it.
  const settled = await world.service.call(`POST /api/admin/users/${world.sub}/mfa/reset`, {
    token: world.administrator,
    body: { reason: 'settle the count' },
  })
  expectAnswer(settled, model.reset(state))
}

async function administer(kind: 'reset' | 'unlock', world: World): Promise<void> {
  const answer = await world.service.call(`POST /api/admin/users/${world.sub}/mfa/${kind}`, {
    token: world.administrator,
    body: { reason: 'the model says so' },
  })
  expectAnswer(answer, kind === 'reset' ? model.reset(world.state) : model.unlock(world.state))
}

async function activated(world: World, options: { answer: Answer; code: string; token: string }): Promise<void> {
  const { answer, ...used } = options
  const known = new Set(world.state.phones.map(({ id }) => id))
  const { body } = await ask(world, 'GET', { session: 0 })
  const id = (body['authenticators'] as { id: string }[]).map((each) => each.id).find((each) => !known.has(each))
  if (id === undefined) expect.fail('no authenticator became active')
  const isFirst = known.size === 0
  const codes = keep(world, answer)
  expect(codes).toHaveLength(isFirst ? 10 : 0)
  model.activate(world.state, { ...used, id, backupCodes: codes })
}

/** The backup codes of an answer, remembered for whoever tries an old one later. */
function keep(world: World, answer: Answer): readonly string[] {
  const codes = answer.body['backup_codes'] as readonly string[]
  world.oldBackupCodes.push(...codes)
  return codes
}

function proofOf(choice: ProofChoice, world: World): model.Proof {
  if (choice === 'none') return undefined
  if ('code' in choice) return { code: readCode(choice.code, world) }
  const from = choice.old ? world.oldBackupCodes : [...world.state.backupCodes]
  return { backup_code: from[choice.backup % Math.max(from.length, 1)] ?? 'ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ' }
}

/** A code of one of the last secrets, so many steps ahead; without a secret, one that is nobody's. */
function readCode(choice: CodeChoice, { secrets, state }: World): string {
  if (choice === 'wrong') return '000000'
  const secret = secrets.at(-1 - (choice.secret % Math.max(secrets.length, 1)))
  return secret === undefined ? '000000' : codeOf(secret, state.now + choice.ahead * 30_000)
}

function expectAnswer(answer: Answer, expected: model.Expected): void {
  expect(outcomeOf(answer), answer.text).toBe(expected.outcome)
  expect(answer.body['clockSkewSeconds']).toBe(expected.clockSkewSeconds)
  if (expected.attemptsRemaining !== undefined) {
    expect(answer.body['attemptsRemaining']).toBe(expected.attemptsRemaining)
  }
}
