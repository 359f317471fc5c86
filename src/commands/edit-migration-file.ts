import { realpath, rename, stat } from "node:fs/promises";
import { applyEdits, type FormattingOptions, modify } from "jsonc-parser";
import { VENDORS } from "../destinations/registry.ts";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import { parseMigration } from "../domain/migration.ts";
import { FailedError, required, UsageError } from "../exit.ts";
import { withFileBeside } from "../secrets/file-beside.ts";
import { markLength } from "./json-file.ts";
import { bytesOf, type MigrationFile } from "./migration-file.ts";

type Named = "import" | "skip" | "readdress";

/** By sub; null takes somebody out. */
export type DecisionChanges = ReadonlyMap<string, Named | null>;

/**
 * Changes `users.decisions` of the file, and nothing else in it: how it is written stays. It is replaced in one step, or
 * stays as it was. Throws UsageError for a file that somebody has changed since it was read.
 */
export async function changeDecisions(
  path: string,
  file: Pick<MigrationFile, "bytes">,
  changes: DecisionChanges,
): Promise<Pick<MigrationFile, "migration" | "bytes">> {
  const mark = file.bytes.subarray(0, markLength(file.bytes));
  const text = withDecisions(new TextDecoder().decode(file.bytes), changes);
  const migration = required(parseMigration(JSON.parse(text), VENDORS));
  const bytes = Buffer.concat([mark, Buffer.from(text)]);
  await replace(path, file.bytes, bytes);
  return { migration, bytes };
}

/** What stands in the file's text is kept, but for these decisions. */
function withDecisions(text: string, changes: DecisionChanges): string {
  const options = formattingOf(text);
  let changed = text;
  for (const [sub, decision] of changes) {
    const edits = modify(changed, ["users", "decisions", sub], decision ?? undefined, options);
    changed = applyEdits(changed, edits);
  }
  return changed;
}

/** What is put in looks like what stands there; a file of one line stays one. */
function formattingOf(text: string): { formattingOptions?: FormattingOptions } {
  const indent = /\n([ \t]+)\S/.exec(text)?.[1];
  if (indent === undefined) return {};
  return {
    formattingOptions: {
      insertSpaces: !indent.startsWith("\t"),
      tabSize: indent.startsWith("\t") ? 1 : indent.length,
      eol: text.includes("\r\n") ? "\r\n" : "\n",
    },
  };
}

async function replace(path: string, before: Uint8Array, after: Uint8Array): Promise<void> {
  try {
    // A link stays one: what it leads to is replaced.
    const target = await realpath(path);
    const standing = await stat(target);
    const settle = async (beside: string) => {
      if (!Buffer.from(await bytesOf(path)).equals(before)) throw changedMeanwhile(path);
      await rename(beside, target);
    };
    await withFileBeside(`${target}.${process.pid}.tmp`, after, settle, standing);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    throw new FailedError(`The file ${path} cannot be written: ${fileTrouble(code)}.`);
  }
}

function changedMeanwhile(path: string): UsageError {
  return new UsageError(
    `The file ${path} was changed by somebody else meanwhile, and was left as it is: this answer is not in it. Start again to go on with the file as it stands.`,
  );
}
