import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { freshFolder } from "../setup/fresh-folder.ts";
import type { Stage } from "./stage.ts";

/** Copies the files of a ledger that nobody has open; the function that is returned puts them back. */
export function backUpLedger({ folder }: Stage): () => void {
  // SQLite's logs belong to it.
  const filesOf = (path: string) => readdirSync(path).filter((name) => name.startsWith("ledger.db"));
  const backUp = freshFolder();
  const copy = (from: string, to: string) => {
    for (const name of filesOf(from)) copyFileSync(join(from, name), join(to, name));
  };
  copy(folder, backUp);
  return () => {
    for (const name of filesOf(folder)) rmSync(join(folder, name));
    copy(backUp, folder);
  };
}
