/** What the proxy does to one call of the database. */
export type Fault = Unsent | Untold | Harmless

/** Faults in which the call never reaches the database. */
type Unsent =
  /** Ends the connection before anything was sent on. */
  | 'refuse'
  /** Never answers. */
  | 'hang'
  /** Answers 500. */
  | 'error'
  /** Answers 429: too many calls at once. */
  | 'limited'
  /** Answers 401: the database's token has expired. */
  | 'denied'
  /** Answers 404: the database is not there. */
  | 'missing'
  /** Answers what only looks like the protocol. */
  | 'garbage'
  /** Answers the page of somebody in between. */
  | 'noise'
  /** Says that the disk is full (SQLITE_FULL): nothing of the batch was done. */
  | 'full'
  /** Says that the disk failed (SQLITE_IOERR): nothing of the batch was done. */
  | 'ioerr'

/** Faults in which the work is done and nobody is told. */
type Untold =
  /** Sends the call on, then ends the connection. */
  | 'drop'
  /** Sends the call on and half of its answer back. */
  | 'cut'

/** Faults after which an operation must come to its end all the same. */
type Harmless =
  /** Says that the database is locked, and sends nothing on. */
  | 'busy'
  /** Sends the call on after a while. */
  | 'slow'
  /** Sends the call on twice, one after the other, and gives the second answer. */
  | 'twice'

/** The faults in which the call never reaches the database. */
export const UNSENT: readonly Fault[] = [
  'refuse',
  'hang',
  'error',
  'limited',
  'denied',
  'missing',
  'garbage',
  'noise',
  'full',
  'ioerr',
] satisfies readonly Unsent[]

/** The faults in which the work is done and nobody is told. */
export const UNTOLD: readonly Fault[] = ['drop', 'cut'] satisfies readonly Untold[]

/** The faults after which an operation must come to its end all the same. */
export const HARMLESS: readonly Fault[] = ['busy', 'slow', 'twice'] satisfies readonly Harmless[]

/** All faults, for tests that walk through them. */
export const FAULTS: readonly Fault[] = [...UNSENT, ...UNTOLD, ...HARMLESS]

/** What a lane of the proxy does: the fault of its n-th call from now on, by n (the first is 1). */
export type FaultPlan = Readonly<Record<number, Fault>>
