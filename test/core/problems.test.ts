import { describe, expect, it } from 'vitest'
import { PROBLEMS, Problem } from '../../src/core/problems.ts'

describe('Problem', () => {
  it('is an error that says what its type says', () => {
    const problem = new Problem('last-authenticator')
    expect(problem).toBeInstanceOf(Error)
    expect(problem).toMatchObject({ name: 'Problem', code: 'last-authenticator', options: {}, cause: undefined })
    expect(problem.message).toBe(PROBLEMS['last-authenticator'].detail)
  })

  it('says its own sentence where it has one, and keeps its cause', () => {
    const cause = new Error('the true reason')
    const problem = new Problem('unavailable', { detail: 'Not now.', cause })
    expect(problem).toMatchObject({ message: 'Not now.', cause, options: { detail: 'Not now.', cause } })
  })
})
