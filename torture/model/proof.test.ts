import { describe, it } from 'vitest'
import { holdClocks } from './clock.ts'
import { holdAgainstModel } from './hold.ts'

describe('any history of somebody whose MFA is on', () => {
  holdClocks()

  it('is answered as the model of the contract says', { timeout: 1_200_000 }, async () => {
    await holdAgainstModel('proof')
  })
})
