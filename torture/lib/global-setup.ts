import type { TestProject } from 'vitest/node'
import { buildWorker } from '../../scripts/lib/workerd.ts'

/** The Worker is built once for all files. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('workerScript', await buildWorker())
}
