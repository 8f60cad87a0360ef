import { describe, expect, it } from 'vitest'
import { newUser, PROFILE, startService } from '../../support/service.ts'

describe('metrics', () => {
  it('get one point for each request, and hold nothing of a person', async () => {
    const points: unknown[] = []
    const service = startService({ METRICS: { writeDataPoint: (point: unknown) => points.push(point) } })
    const { token } = await newUser()
    await service.call(`GET ${PROFILE}`, { token })
    await service.call(`POST ${PROFILE}/verify`, { token, body: { code: '123456' } })
    expect(points).toEqual([
      {
        indexes: [`GET ${PROFILE}`],
        blobs: [`GET ${PROFILE}`, '200', '', '', 'https://issuer.example'],
        doubles: [expect.any(Number), 1],
      },
      {
        indexes: [`POST ${PROFILE}/verify`],
        blobs: [`POST ${PROFILE}/verify`, '400', 'no-pending-enrollment', 'none', 'https://issuer.example'],
        doubles: [expect.any(Number), 1],
      },
    ])
  })

  it('that fail take no answer back', async () => {
    const broken = () => {
      throw new Error('broken')
    }
    const service = startService({ METRICS: { writeDataPoint: broken } })
    expect((await service.call('GET /health')).status).toBe(200)
  })
})
