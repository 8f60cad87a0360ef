import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { PROBLEM_CODES } from '../../openapi/problem-guide.ts'
import { noBrowser } from '../support/node/browser.ts'
import { openProfile, type Profile, type SharedService, sharedService } from '../support/node/shared.ts'
import { expectSoundPage } from '../support/node/sound-page.ts'

let service: SharedService
let browser: Profile | undefined
/** One page for all documents: to open another costs as much as to look at a document. */
let page: Page | undefined

beforeAll(async () => {
  if (noBrowser !== undefined) return
  service = await sharedService()
  browser = await openProfile()
  page = await browser.context.newPage()
})

afterAll(async () => {
  await browser?.end()
})

describe('the pages of the contract in a browser', () => {
  it.for(PROBLEM_CODES.map((code) => `/problems/${code}`))(
    'show %s without an error, another host, a barrier or a sideways scroll',
    async (path, context) => {
      if (page === undefined) return context.skip(noBrowser)
      await expectSoundPage(page, { url: service.url, path })
    },
  )
})
