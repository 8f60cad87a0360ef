import { answerFaults } from './check-answers.ts'
import { countFaults } from './check-counts.ts'
import { durabilityFaults } from './check-durability.ts'
import { stateFaults } from './check-state.ts'
import type { Entry } from './history.ts'
import { livesOf } from './lives.ts'
import type { Stored } from './rows.ts'

/** Everything that cannot be, given what clients were told and what is stored when nothing is under way any more. */
export function judge(history: readonly Entry[], stored: Stored): readonly string[] {
  const orphans = stored.orphans > 0 ? [`${stored.orphans} owners of rows are not there`] : []
  const lives = livesOf(history, stored).flatMap((life) => [
    ...durabilityFaults(life),
    ...stateFaults(life),
    ...countFaults(life),
    ...answerFaults(life),
  ])
  return [...orphans, ...lives]
}
