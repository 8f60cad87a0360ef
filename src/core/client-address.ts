/**
 * Returns the rate limit key of a client address: for IPv6 the /64 network, since a client usually controls all of its
 * addresses; for an IPv4-mapped address the IPv4 address. All notations of an IPv6 address give the same key. Any other
 * text is returned unchanged.
 * @see RFC 4291 §2.2, §2.5.5.2, RFC 5952
 */
export function networkOf(address: string): string {
  const canonical = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1)
  if (canonical === undefined) return address
  const groups = groupsOf(canonical)
  return mappedIpv4(groups) ?? `${groups.slice(0, 4).join(':')}::/64`
}

const GROUPS = 8

/** The eight groups of a canonical address, in hexadecimal without leading zeros. */
function groupsOf(canonical: string): readonly string[] {
  const [left = [], right = []] = canonical.split('::').map((part) => part.split(':').filter((group) => group !== ''))
  const zeros = new Array<string>(GROUPS - left.length - right.length).fill('0')
  return [...left, ...zeros, ...right]
}

/** @see RFC 4291 §2.5.5.2 */
function mappedIpv4(groups: readonly string[]): string | undefined {
  if (groups.slice(0, 6).join(':') !== '0:0:0:0:0:ffff') return undefined
  return groups
    .slice(6)
    .map((group) => Number.parseInt(group, 16))
    .flatMap((bits) => [bits >> 8, bits & 255])
    .join('.')
}
