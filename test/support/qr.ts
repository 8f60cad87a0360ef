/** A QR symbol read back from its SVG: the side in modules, quiet zone included, and which modules are dark. */
export type QrModules = { readonly side: number; readonly dark: readonly (readonly [x: number, y: number])[] }

/** The SVG inside a data URI. */
export function svgOf(dataUri: string): string {
  const [, encoded] = /^data:image\/svg\+xml;base64,([A-Za-z0-9+/]+=*)$/.exec(dataUri) ?? []
  if (encoded === undefined) throw new Error(`no SVG data URI: ${dataUri.slice(0, 40)}`)
  return atob(encoded)
}

/** Reads the rectangles that an SVG draws, each of them one module high. */
export function modulesOf(svg: string): QrModules {
  const width = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1])
  const scale = Number(/transform="scale\((\d+)\)"/.exec(svg)?.[1])
  const runs = svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)
  const dark = [...runs].flatMap(([, x, y, length]) =>
    Array.from({ length: Number(length) }, (_, offset) => [Number(x) + offset, Number(y)] as const),
  )
  return { side: width / scale, dark }
}
