/** What the proxy does to one call of the database. */
export type Fault =
  /** Ends the connection before anything was sent on. */
  | 'refuse'
  /** Sends nothing on and never answers. */
  | 'hang'
  /** Answers 500 and sends nothing on. */
  | 'error'
  /** Answers something that is not the protocol, and sends nothing on. */
  | 'garbage'
  /** Says that the database is locked, and sends nothing on. */
  | 'busy'
  /** Sends the call on, then ends the connection: the work is done and nobody is told. */
  | 'drop'
  /** Sends the call on and half of its answer back. */
  | 'cut'

/** All faults, for tests that walk through them. */
export const FAULTS: readonly Fault[] = ['refuse', 'hang', 'error', 'garbage', 'busy', 'drop', 'cut']

/** What a lane of the proxy does: the fault of its n-th call from now on, by n (the first is 1). */
export type FaultPlan = Readonly<Record<number, Fault>>
