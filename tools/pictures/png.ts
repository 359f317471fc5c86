import { crc32, deflateSync, inflateSync } from "node:zlib";

/** Pictures of screens as small files: with a palette, which holds the few colours that a screen has. */

export interface Pixels {
  width: number;
  height: number;
  /** Of each pixel its red, green and blue, row by row. */
  colours: Uint32Array;
}

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
const COLOUR_TYPE = { rgb: 2, palette: 3, rgba: 6 } as const;
const MAX_COLOURS = 256;
/** Nearly equal colours, of the soft edges of letters, count as one. */
const BITS_ALIKE = 4;

/** The same picture with at most 256 colours: those that are seen most stay as they are. */
export function withPalette(png: Buffer): Buffer {
  const pixels = decodePng(png);
  const palette = paletteOf(pixels.colours);
  const known = new Map(palette.map((colour, index) => [colour, index]));
  const raw = Buffer.alloc((pixels.width + 1) * pixels.height);
  pixels.colours.forEach((colour, index) => {
    const found = known.get(colour) ?? nearest(colour, palette);
    known.set(colour, found);
    // Each row begins with a 0: it is not filtered.
    raw[Math.floor(index / pixels.width) + index + 1] = found;
  });
  const header = Buffer.alloc(13);
  header.writeUInt32BE(pixels.width, 0);
  header.writeUInt32BE(pixels.height, 4);
  header.set([8, COLOUR_TYPE.palette, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((colour) => channels(colour)));
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", header),
    chunk("PLTE", colours),
    chunk("IDAT", deflateSync(raw, { level: 9 })),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** Of those that nearly equal each other the most common one, of the most common ones. */
function paletteOf(colours: Uint32Array): number[] {
  const counts = new Map<number, number>();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const byCount = [...counts].toSorted(([, one], [, other]) => other - one);
  if (byCount.length <= MAX_COLOURS) return byCount.map(([colour]) => colour);
  const alike = new Map<string, number>();
  for (const [colour] of byCount) {
    const key = channels(colour)
      .map((value) => value >> BITS_ALIKE)
      .join(" ");
    if (!alike.has(key)) alike.set(key, colour);
  }
  return [...alike.values()].slice(0, MAX_COLOURS);
}

function nearest(colour: number, palette: readonly number[]): number {
  const distances = palette.map((one) => distance(channels(one), channels(colour)));
  return distances.indexOf(Math.min(...distances));
}

type Channels = [red: number, green: number, blue: number];

function distance([red, green, blue]: Channels, [otherRed, otherGreen, otherBlue]: Channels): number {
  return (red - otherRed) ** 2 + (green - otherGreen) ** 2 + (blue - otherBlue) ** 2;
}

function channels(colour: number): Channels {
  return [colour >> 16, (colour >> 8) & 0xff, colour & 0xff];
}

function chunk(type: string, data: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(data.length, 0);
  named.copy(framed, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/** Of a picture as Chromium writes it: eight bits a channel, not interlaced, nothing of it transparent. */
export function decodePng(png: Buffer): Pixels {
  const parts = chunksOf(png);
  const header = parts.find(({ type }) => type === "IHDR")?.data ?? Buffer.alloc(13);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [bits, type] = [header.readUInt8(8), header.readUInt8(9)];
  const size = type === COLOUR_TYPE.rgb ? 3 : type === COLOUR_TYPE.rgba ? 4 : 1;
  if (bits !== 8) throw new Error("This picture has not eight bits a channel.");
  const packed = parts.filter((part) => part.type === "IDAT").map(({ data }) => data);
  const rows = unfiltered(inflateSync(Buffer.concat(packed)), width * size, height, size);
  const palette = parts.find((part) => part.type === "PLTE")?.data;
  const colours = Uint32Array.from({ length: width * height }, (_, index) =>
    palette === undefined ? rows.readUIntBE(index * size, 3) : palette.readUIntBE((rows[index] ?? 0) * 3, 3),
  );
  return { width, height, colours };
}

function chunksOf(png: Buffer): { type: string; data: Buffer }[] {
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = SIGNATURE.length; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString("latin1", at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += length + 12;
  }
  return chunks;
}

/** Undoes what PNG does to each row before it is packed, by the filter that its first byte names. */
function unfiltered(raw: Buffer, rowBytes: number, height: number, size: number): Buffer {
  const rows = Buffer.alloc(rowBytes * height);
  for (let row = 0; row < height; row += 1) {
    const filter = raw[row * (rowBytes + 1)] ?? 0;
    for (let column = 0; column < rowBytes; column += 1) {
      const at = row * rowBytes + column;
      const left = column < size ? 0 : (rows[at - size] ?? 0);
      const above = row === 0 ? 0 : (rows[at - rowBytes] ?? 0);
      const corner = row === 0 || column < size ? 0 : (rows[at - rowBytes - size] ?? 0);
      const value = raw[at + row + 1] ?? 0;
      rows[at] = value + foretold(filter, left, above, corner);
    }
  }
  return rows;
}

/** What a filter expects of a byte, by its neighbours. */
function foretold(filter: number, left: number, above: number, corner: number): number {
  if (filter === 0) return 0;
  if (filter === 1) return left;
  if (filter === 2) return above;
  return filter === 3 ? (left + above) >> 1 : paeth(left, above, corner);
}

/** The neighbour that is nearest to what a plane through all three would have here. */
function paeth(left: number, above: number, corner: number): number {
  const estimate = left + above - corner;
  const [toLeft, toAbove, toCorner] = [
    Math.abs(estimate - left),
    Math.abs(estimate - above),
    Math.abs(estimate - corner),
  ];
  if (toLeft <= toAbove && toLeft <= toCorner) return left;
  return toAbove <= toCorner ? above : corner;
}
