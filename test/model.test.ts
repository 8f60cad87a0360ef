import { describe, it } from 'vitest'
import { holdClocks } from './support/model/clock.ts'
import { holdAgainstModel } from './support/model/hold.ts'

describe('any history of somebody whose MFA is on', () => {
  holdClocks()

  it('is answered as the model of the contract says', { timeout: 1_200_000 }, async () => {
    await holdAgainstModel('proof')
  })
})
