import { mkdirSync, writeFileSync } from "node:fs";
import { counted } from "../../src/commands/format.ts";
import { say } from "../../src/commands/say.ts";
import type { Picture } from "./catalogue.ts";
import { IMAGES, pathOf, recordMade } from "./made-of.ts";
import { withPalette } from "./png.ts";

/** What a page of the documents may cost its reader. */
const MAX_BYTES = 150 * 1024;

/** Keeps the pictures that are wanted. */
export class Album {
  readonly #wanted: ReadonlySet<Picture>;

  constructor(wanted: readonly Picture[]) {
    this.#wanted = new Set(wanted);
  }

  async take(picture: Picture, make: () => Promise<Buffer>): Promise<void> {
    if (!this.#wanted.has(picture)) return;
    const bytes = withPalette(await make());
    if (bytes.length > MAX_BYTES)
      throw new Error(`${picture} takes ${counted(bytes.length, "byte")}: make it smaller.`);
    mkdirSync(IMAGES, { recursive: true });
    writeFileSync(pathOf(picture), bytes);
    recordMade(picture);
    say(`${picture}.png  ${Math.ceil(bytes.length / 1024)} KB`);
  }
}
