import fc from 'fast-check'

/*
 * What clients do, as plain data that shrinks. A choice is a number, read against what there is when its turn comes.
 */

export type CodeChoice = { readonly secret: number; readonly ahead: number } | 'wrong'
export type ProofChoice =
  | { readonly code: CodeChoice }
  | { readonly backup: number; readonly old: boolean }
  | 'right'
  | 'none'

export type SetUp = { readonly kind: 'setup'; readonly proof: ProofChoice; readonly session: number }
export type Proven =
  | { readonly kind: 'challenge' | 'regenerate' | 'disable'; readonly proof: ProofChoice; readonly session: number }
  | { readonly kind: 'remove'; readonly which: number; readonly proof: ProofChoice; readonly session: number }
export type Verify = { readonly kind: 'verify'; readonly code: CodeChoice | 'again'; readonly session: number }
export type AtOnce = {
  readonly kind: 'verify-at-once' | 'challenge-at-once'
  readonly copies: number
  readonly session: number
}
export type Rename = { readonly kind: 'rename'; readonly which: number; readonly session: number }
/** Wrong codes one after another. */
export type Miss = { readonly kind: 'miss'; readonly at: 'verify' | 'challenge'; readonly times: number }

/** A code sent before its step is in reach, and again when it is: `late` steps after it. */
export type Early = { readonly kind: 'early'; readonly ahead: number; readonly late: number }

/** One thing that a client does, or that happens to it. */
export type Command =
  | SetUp
  | Proven
  | Verify
  | AtOnce
  | Miss
  | Early
  | Rename
  | { readonly kind: 'enroll' | 'cancel'; readonly session: number }
  | { readonly kind: 'reset' | 'unlock' | 'look' }
  | { readonly kind: 'move-clock'; readonly seconds: number }
  /** Moves the clock to where something ends, or a little before or after. */
  | { readonly kind: 'move-clock-to-ending'; readonly which: number; readonly offsetMs: number }
  /** A long row of failures that nobody wants to wait for. */
  | { readonly kind: 'wear-out'; readonly failures: number }

/** A client from its first day on. */
export type History = {
  /** Milliseconds into a time step. */
  readonly start: number
  readonly commands: readonly Command[]
}

const session = fc.constantFrom(0, 0, 0, 1)
const ahead = fc.constantFrom(0, 0, 0, 1, -1, 2, -2, 4, -20, 21)
const code: fc.Arbitrary<CodeChoice> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ secret: fc.nat(3), ahead }) },
  { weight: 1, arbitrary: fc.constant('wrong' as const) },
)
const proof: fc.Arbitrary<ProofChoice> = fc.oneof(
  { weight: 5, arbitrary: fc.constant('right' as const) },
  { weight: 5, arbitrary: fc.record({ code }) },
  { weight: 4, arbitrary: fc.record({ backup: fc.nat(9), old: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constant('none' as const) },
)
const seconds = fc.constantFrom(30, 30, 30, 60, 89, -30, -60, 601, -601, 1_800, 3_700, -3_700, 90_000, -90_000)
const ofKind = <Kind extends string>(...kinds: Kind[]) => fc.constantFrom(...kinds)

/** What may happen, by how it is called in {@link WEIGHTS}. */
const ARBITRARIES = {
  setup: fc.record({ kind: ofKind('setup'), proof, session }),
  verify: fc.record({ kind: ofKind('verify'), code: fc.oneof(code, ofKind('again')), session }),
  challenge: fc.record({ kind: ofKind('challenge'), proof, session }),
  change: fc.record({ kind: ofKind('regenerate', 'regenerate', 'disable'), proof, session }),
  remove: fc.record({ kind: ofKind('remove'), which: fc.nat(5), proof, session }),
  'at-once': fc.record({
    kind: ofKind('verify-at-once', 'challenge-at-once'),
    copies: fc.integer({ min: 2, max: 4 }),
    session,
  }),
  miss: fc.record({
    kind: ofKind('miss'),
    at: ofKind('verify', 'challenge'),
    times: fc.constantFrom(1, 2, 4, 5, 6, 9),
  }),
  early: fc.record({
    kind: ofKind('early'),
    ahead: fc.constantFrom(2, 3, -2, -3, 20, -21),
    late: fc.constantFrom(-1, 0, 1),
  }),
  enroll: fc.record({ kind: ofKind('enroll'), session }),
  cancel: fc.record({ kind: ofKind('cancel'), session }),
  rename: fc.record({ kind: ofKind('rename'), which: fc.nat(2), session }),
  administer: fc.record({ kind: ofKind('reset', 'unlock', 'unlock') }),
  look: fc.record({ kind: ofKind('look') }),
  'move-clock': fc.record({ kind: ofKind('move-clock'), seconds }),
  'move-clock-to-ending': fc.record({
    kind: ofKind('move-clock-to-ending'),
    which: fc.nat(9),
    offsetMs: fc.constantFrom(-1, 0, 1),
  }),
  'wear-out': fc.record({ kind: ofKind('wear-out'), failures: fc.integer({ min: 98, max: 100 }) }),
} satisfies Record<string, fc.Arbitrary<Command>>

/** How often what happens, where `verify` is in the middle of it and where proofs are. */
const WEIGHTS = {
  enrollment: {
    setup: 6,
    verify: 12,
    challenge: 4,
    change: 2,
    remove: 2,
    'at-once': 1,
    miss: 3,
    early: 2,
    enroll: 2,
    cancel: 1,
    rename: 1,
    administer: 1,
    look: 2,
    'move-clock': 3,
    'move-clock-to-ending': 6,
    'wear-out': 0,
  },
  proof: {
    setup: 3,
    verify: 2,
    challenge: 12,
    change: 4,
    remove: 3,
    'at-once': 1,
    miss: 5,
    early: 0,
    enroll: 2,
    cancel: 1,
    rename: 1,
    administer: 2,
    look: 2,
    'move-clock': 4,
    'move-clock-to-ending': 5,
    'wear-out': 2,
  },
} satisfies Record<string, Record<keyof typeof ARBITRARIES, number>>

const LATER: Command = { kind: 'move-clock', seconds: 30 }
const BACK: Command = { kind: 'move-clock', seconds: -3_700 }
const UNLOCK: Command = { kind: 'unlock' }
const ENROLL: Command = { kind: 'enroll', session: 0 }
const ADD: Command = { kind: 'setup', proof: 'right', session: 0 }
const misses = (at: Miss['at'], times: number): Command => ({ kind: 'miss', at, times })
/** Where a history may begin, so that more of it happens where there is something to go wrong. */
const OPENINGS: readonly (readonly Command[])[] = [
  [],
  [ENROLL],
  [ENROLL, ADD],
  [ENROLL, ENROLL],
  [ENROLL, ENROLL, LATER, ADD],
  [ENROLL, ENROLL, ENROLL, ENROLL, ENROLL],
  [ADD, misses('verify', 9)],
  [ENROLL, misses('verify', 5)],
  [ENROLL, misses('challenge', 5)],
  [ENROLL, misses('challenge', 5), BACK],
  [ENROLL, UNLOCK, BACK, UNLOCK],
  [ENROLL, UNLOCK, { kind: 'move-clock-to-ending', which: 1, offsetMs: 0 }, UNLOCK],
]
const LONGEST_HISTORY = 12

/** Any history, with the weights of its subject. */
export function historyOf(subject: keyof typeof WEIGHTS): fc.Arbitrary<History> {
  const weighted = Object.entries(WEIGHTS[subject]).map(([name, weight]) => ({
    weight,
    arbitrary: ARBITRARIES[name as keyof typeof ARBITRARIES] as fc.Arbitrary<Command>,
  }))
  const commands = fc.array(fc.oneof(...weighted), { minLength: 1, maxLength: LONGEST_HISTORY, size: 'max' })
  return fc
    .record({ start: fc.nat(29_999), opening: fc.constantFrom(...OPENINGS), commands })
    .map(({ start, opening, commands }) => ({ start, commands: [...opening, ...commands] }))
}
