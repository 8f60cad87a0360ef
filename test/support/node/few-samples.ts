import { configureGlobal } from 'fast-check'

// A mutant dies of few samples or of none, and every property runs hundreds of times.
configureGlobal({ numRuns: 20 })
