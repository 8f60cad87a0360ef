import { describe, expect, it } from 'vitest'
import { networkOf } from '../../src/core/client-address.ts'

describe('networkOf', () => {
  it.each([
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:DB8:0:0::2', '2001:db8:0:0::/64'],
    ['2001:0db8:0000:0000:ffff:ffff:ffff:ffff', '2001:db8:0:0::/64'],
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['1:0:0:2:3:4:5:6', '1:0:0:2::/64'],
    ['1::', '1:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['1:2:3::', '1:2:3:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ])('counts %s as %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })

  it.each(['::ffff:192.0.2.7', '::FFFF:c000:0207', '0:0:0:0:0:ffff:c000:207', '192.0.2.7'])(
    'counts %s as the IPv4 address (RFC 4291 §2.5.5.2)',
    (address) => {
      expect(networkOf(address)).toBe('192.0.2.7')
    },
  )

  it.each(['', 'unknown', '1:2:3', '192.0.2.7:443', 'fe80::1%eth0'])(
    'counts %j, which is no IPv6 address, as it is',
    (address) => {
      expect(networkOf(address)).toBe(address)
    },
  )
})
