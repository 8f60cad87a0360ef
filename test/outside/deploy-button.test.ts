import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { describe, expect, it } from 'vitest'
import { loadConfig, SETTING_NAMES } from '../../src/config.ts'

const asked = parseEnv(readFileSync('.dev.vars.example', 'utf8'))
const { cloudflare } = JSON.parse(readFileSync('package.json', 'utf8'))

describe('what the Deploy to Cloudflare button asks for', () => {
  it('holds no value at all, so that none becomes a secret of production', () => {
    expect(Object.values(asked).filter((value) => value !== '')).toEqual([])
  })

  it('is settings, each with its description', () => {
    expect(Object.keys(asked).filter((name) => !SETTING_NAMES.some((known) => known === name))).toEqual([])
    expect(new Set(Object.keys(cloudflare.bindings))).toEqual(new Set(Object.keys(asked)))
    expect(Object.keys(asked).every((name) => cloudflare.bindings[name].description)).toBe(true)
  })

  it('is refused as it stands, every name of it', () => {
    const config = loadConfig(asked)
    const faults = config.ok ? [] : config.failure.map(({ name }) => name)
    expect(new Set(faults)).toEqual(new Set(Object.keys(asked)))
  })
})

describe('wrangler.toml', () => {
  it('sets no setting: whoever deploys does', () => {
    expect(readFileSync('wrangler.toml', 'utf8')).not.toMatch(/^\s*\[(env\.[a-z]+\.)?vars\]/m)
  })
})
