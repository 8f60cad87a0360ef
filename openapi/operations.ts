import { administration } from './administration.ts'
import { challenge } from './challenge.ts'
import { enrollment } from './enrollment.ts'
import { management } from './management.ts'
import type { Operation } from './operation.ts'
import { service } from './service.ts'

/** All operations, in the order of the document. */
export const OPERATIONS: readonly Operation[] = [
  ...enrollment,
  ...challenge,
  ...management,
  ...administration,
  ...service,
]
