import { expect } from 'vitest'
import { outcomeOf, setThrottle } from '../../test/support/account.ts'
import { rowsOf } from '../../test/support/rows.ts'
import type { Answer } from '../../test/support/service.ts'
import { expectAnswer } from './answer.ts'
import type { AtOnce, CodeChoice, Command, Early, Miss, ProofChoice, Proven, SetUp, Verify } from './choices.ts'
import { codeAt, codeOfNobody, stepAt } from './codes.ts'
import { endings, rightProof } from './prospects.ts'
import * as model from './state.ts'
import { expectSameStatus, moment } from './status.ts'
import { cancel, expectChallengePassed, rename } from './unproven.ts'
import { ask, moveClock, tokenOf, type World } from './world.ts'

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
      return cancel(command.session, world)
    case 'rename':
      return rename(command, world)
    case 'miss':
      return miss(command, world)
    case 'early':
      return early(command, world)
    case 'reset':
    case 'unlock':
      return administer(command.kind, world)
    case 'look':
      return expectSameStatus(world)
    case 'move-clock':
      return moveClock(world, world.state.now + command.seconds * 1000)
    case 'move-clock-to-ending':
      return moveClockToEnding(command, world)
    case 'wear-out':
      return wearOut(command.failures, world)
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
  expect(answer.body['expires_at']).toBe(moment(state.now + 600_000))
  world.secrets.push(secret)
  model.startPending(state, secret)
}

/** What a client does that knows what it wants: so a history comes to where there is something to go wrong. */
async function enroll(session: number, world: World): Promise<void> {
  await setUp({ kind: 'setup', proof: 'right', session }, world)
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
  if (command.kind === 'challenge') {
    expect(answer.body['backup_codes_remaining']).toBe(state.backupCodes.size)
    await expectChallengePassed(world, expected)
  }
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
  const code = codeAt(pending.secret, stepAt(world.state.now))
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
  const { failedAttempts } = state
  const body = { code: codeAt(phone.secret, stepAt(state.now)) }
  const asked = Array.from({ length: command.copies }, () => ask(world, 'POST /challenge', { ...command, body }))
  const answers = await Promise.all(asked)
  const outcomes = answers.map(outcomeOf)
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
  const told = answers.filter(({ status }) => status === 200).map(({ body }) => Number(body['failed_attempts']))
  state.failedAttempts = await storedFailedAttempts(world)
  // Each wrong code is either told by the accepted challenge or counted for the next one.
  const wrong = outcomes.filter((each) => each === '400 invalid-code').length
  expect((told[0] ?? 0) + state.failedAttempts).toBe(failedAttempts + wrong)
}

async function storedFailedAttempts({ sub }: World): Promise<number> {
  return Number((await rowsOf(sub)).subject[0]?.['failed_attempts'])
}

async function miss({ at, times }: Miss, world: World): Promise<void> {
  for (let time = 0; time < times; time += 1) {
    if (at === 'verify') await verify({ kind: 'verify', code: 'wrong', session: 0 }, world)
    else await proven({ kind: 'challenge', proof: { code: 'wrong' }, session: 0 }, world)
  }
}

async function early({ ahead, late }: Early, world: World): Promise<void> {
  await verify({ kind: 'verify', code: { secret: 0, ahead }, session: 0 }, world)
  moveClock(world, world.state.now + (ahead + late) * 30_000)
  await verify({ kind: 'verify', code: { secret: 0, ahead: -late }, session: 0 }, world)
}

function moveClockToEnding({ which, offsetMs }: { which: number; offsetMs: number }, world: World): void {
  const ends = endings(world.state)
  const ending = ends[which % Math.max(ends.length, 1)]
  if (ending !== undefined) moveClock(world, ending + offsetMs)
}

/** The one thing that is done behind the service's back: a hundred failures would take a hundred hours. */
async function wearOut(failures: number, { sub, state }: World): Promise<void> {
  if (state.phones.length === 0) return
  await setThrottle(sub, { failures, retryAt: null })
  Object.assign(state, { failures, retryAt: undefined })
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
  if (choice === 'right') return rightProof(world.state)
  if ('code' in choice) return { code: readCode(choice.code, world) }
  const from = choice.old ? world.oldBackupCodes : [...world.state.backupCodes]
  return { backup_code: from[choice.backup % Math.max(from.length, 1)] ?? 'ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ-ZZZZ' }
}

/** A code of one of the last secrets, so many steps ahead; without a secret, one that is nobody's. */
function readCode(choice: CodeChoice, { secrets, state }: World): string {
  const secret = choice === 'wrong' ? undefined : secrets.at(-1 - (choice.secret % Math.max(secrets.length, 1)))
  if (choice === 'wrong' || secret === undefined) return codeOfNobody(secrets.slice(-5), state.now)
  return codeAt(secret, stepAt(state.now) + choice.ahead)
}
