import { codeOf } from '../../test/support/phone.ts'

const STEP_MS = 30_000
/** Steps on either side within which a code tells how wrong a clock is. */
const HINT_STEPS = 20
/** Codes kept before all are forgotten. */
const MOST_KNOWN = 20_000

const known = new Map<string, string>()

/** The step that a moment lies in. */
export function stepAt(now: number): number {
  return Math.floor(now / STEP_MS)
}

/** The code of a step. An app would make it again each time; here it is remembered, since most are asked for often. */
export function codeAt(secret: string, step: number): string {
  const name = `${secret} ${step}`
  const remembered = known.get(name)
  if (remembered !== undefined) return remembered
  if (known.size >= MOST_KNOWN) known.clear()
  const code = codeOf(secret, step * STEP_MS)
  known.set(name, code)
  return code
}

/** The latest step in reach that has this code. */
export function matchingStep(secret: string, { code, now }: { code: string; now: number }): number | undefined {
  const step = stepAt(now)
  return [step + 1, step, step - 1].find((each) => codeAt(secret, each) === code)
}

/** Seconds by which the phone that shows this code is ahead, or behind; undefined where no step near has it. */
export function skewOf(secret: string, { code, now }: { code: string; now: number }): number | undefined {
  const distances = Array.from({ length: HINT_STEPS }, (_, index) => [-(index + 1), index + 1]).flat()
  const found = distances.find((distance) => codeAt(secret, stepAt(now) + distance) === code)
  return found === undefined ? undefined : found * 30
}

/** A code that no step near this moment has, under none of the secrets. */
export function codeOfNobody(secrets: readonly string[], now: number): string {
  const near = Array.from({ length: 2 * HINT_STEPS + 1 }, (_, index) => stepAt(now) + index - HINT_STEPS)
  const taken = new Set(secrets.flatMap((secret) => near.map((step) => codeAt(secret, step))))
  for (let candidate = 0; ; candidate += 1) {
    const code = String(candidate).padStart(6, '0')
    if (!taken.has(code)) return code
  }
}
