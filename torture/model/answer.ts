import { expect } from 'vitest'
import { outcomeOf } from '../../test/support/account.ts'
import type { Answer } from '../../test/support/service.ts'
import type { Expected } from './state.ts'

/** Fails unless an answer is the expected one, with the members that tell a state. */
export function expectAnswer(answer: Answer, expected: Expected): void {
  expect(outcomeOf(answer), answer.text).toBe(expected.outcome)
  expect(answer.body['clockSkewSeconds']).toBe(expected.clockSkewSeconds)
  expect(answer.body['retryAfter']).toBe(expected.retryAfter)
  expect(answer.body['failed_attempts']).toBe(expected.failedAttempts)
  if (expected.attemptsRemaining !== undefined) {
    expect(answer.body['attemptsRemaining']).toBe(expected.attemptsRemaining)
  }
}
