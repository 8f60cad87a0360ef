/** A QR symbol read back from its SVG: the side in modules, quiet zone included, and which modules are dark. */
export type QrModules = { readonly side: number; readonly dark: readonly (readonly [x: number, y: number])[] }

/** The SVG inside a data URI. */
export function svgOf(dataUri: string): string {
  const [, encoded] = /^data:image\/svg\+xml;base64,([A-Za-z0-9+/]+=*)$/.exec(dataUri) ?? []
  if (encoded === undefined) throw new Error(`no SVG data URI: ${dataUri.slice(0, 40)}`)
  return atob(encoded)
}

/** Reads the squares that an SVG draws. */
export function modulesOf(svg: string): QrModules {
  const width = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1])
  const squares = [...svg.matchAll(/M(\d+),(\d+)h(\d+)v\3h-\3z/g)].map(([, x, y, side]) => ({ x, y, side }))
  const unit = Number(squares[0]?.side)
  const dark = squares.map(({ x, y }) => [Number(x) / unit, Number(y) / unit] as const)
  return { side: width / unit, dark }
}
