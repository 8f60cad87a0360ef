import { describe, expect, it } from 'vitest'
import { isSubject } from '../../src/core/subject.ts'

describe('isSubject', () => {
  it.each(['a', ' ', '~', '...', '.a', 'auth0|5f7c', 'a/b?c#d%2e', 'x'.repeat(255)])('takes %j', (sub) => {
    expect(isSubject(sub)).toBe(true)
  })

  it.each(['', '.', '..', 'a\n', '\n', 'a\0b', '\x1f', '\x7f', 'é', 'а', '🙂', '\ud800', 'x'.repeat(256)])(
    'refuses %j',
    (sub) => {
      expect(isSubject(sub)).toBe(false)
    },
  )
})
