import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Projects in the order of their runs: the longest files first, the many short ones last. */
const PROJECTS = ['torture', 'outside', 'worker']

/** Runs the files of a project one after another, so that a runtime is used again for the next file. */
export class ByProject extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => PROJECTS.indexOf(a.project.name) - PROJECTS.indexOf(b.project.name))
  }
}
