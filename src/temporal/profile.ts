import { readFileSync } from "node:fs";
import { homedir, platform } from "node:os";
import { isAbsolute, join } from "node:path";
import {
  type ClientConfigProfile,
  loadClientConfigFromToml,
  loadClientConfigProfile,
} from "@temporalio/envconfig";
import { z } from "zod";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import type { Parsed } from "../domain/migration.ts";

/**
 * Temporal's settings as its CLI takes them: TEMPORAL_* over a profile of its file. Of a file or a profile that is not
 * good the package throws words of its own, with the line at fault, which may be the API key's.
 */

export type Variables = Readonly<Record<string, string>>;

interface ProfileFile {
  path: string;
  text: string;
}

const MEND = "mend it, or name another file with TEMPORAL_CONFIG_FILE";

export function readProfile(variables: Variables): Parsed<ClientConfigProfile> {
  const tls = variables.TEMPORAL_TLS;
  if (tls !== undefined && !["true", "false", "1", "0"].includes(tls))
    return refused("The setting TEMPORAL_TLS must be true or false.");
  const file = readProfileFile(variables);
  if (!file.ok) return file;
  const wanted = variables.TEMPORAL_PROFILE;
  if (file.value !== null) {
    const names = profileNames(file.value);
    if (!names.ok) return names;
    if (wanted !== undefined && !names.value.includes(wanted))
      return refused(
        `Temporal's profile file ${file.value.path} has no profile "${wanted}": set TEMPORAL_PROFILE to one that it has (${names.value.join(", ")}).`,
      );
  } else if (wanted !== undefined)
    return refused(
      `TEMPORAL_PROFILE names the profile "${wanted}", and there is no profile file: unset it, or name the file with TEMPORAL_CONFIG_FILE.`,
    );
  return loadProfile(variables, file.value);
}

/** Null where none was named and none lies where the CLI keeps its own. */
function readProfileFile(variables: Variables): Parsed<ProfileFile | null> {
  const named = variables.TEMPORAL_CONFIG_FILE;
  const path = named ?? defaultPath(variables);
  if (path === null) return { ok: true, value: null };
  try {
    return { ok: true, value: { path, text: readFileSync(path, "utf8") } };
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === null) throw error;
    if (code === "ENOENT" && named === undefined) return { ok: true, value: null };
    return refused(`Temporal's profile file ${path} cannot be read: ${fileTrouble(code)}; ${MEND}.`);
  }
}

/** Where the Temporal CLI keeps it (docs.temporal.io, "Environment configuration"). */
function defaultPath({ XDG_CONFIG_HOME: named, HOME: home = homedir() }: Variables): string | null {
  if (named !== undefined && !isAbsolute(named)) return null;
  const ofUser =
    platform() === "darwin" ? join(home, "Library", "Application Support") : join(home, ".config");
  return join(platform() === "darwin" ? ofUser : (named ?? ofUser), "temporalio", "temporal.toml");
}

function profileNames({ path, text }: ProfileFile): Parsed<string[]> {
  try {
    const { profiles } = loadClientConfigFromToml(Buffer.from(text), { strict: false });
    const names = Object.keys(profiles);
    if (names.length > 0) return { ok: true, value: names };
  } catch (error) {
    const both = namedTwice(error);
    if (both !== null) return refused(`Temporal's profile file ${path} names ${both}; ${MEND}.`);
    const { success, data } = tomlError.safeParse(error);
    if (success) return refused(`Temporal's profile file ${path} is no TOML, at line ${data.line}; ${MEND}.`);
  }
  return refused(`Temporal's profile file ${path} holds no profile, such as [profile.default]; ${MEND}.`);
}

const tomlError = z.object({ line: z.number() });

const source = z.union([z.object({ path: z.string() }), z.object({ data: z.instanceof(Uint8Array) })]);
/** The file may hold numbers and lists where the package promises texts. */
const profileSchema = z.object({
  address: z.string().optional(),
  namespace: z.string().optional(),
  apiKey: z.string().optional(),
  tls: z
    .object({
      disabled: z.boolean().optional(),
      serverName: z.string().optional(),
      clientCert: source.optional(),
      clientKey: source.optional(),
      serverCACert: source.optional(),
    })
    .optional(),
  grpcMeta: z.record(z.string(), z.string()).optional(),
});

function loadProfile(variables: Variables, file: ProfileFile | null): Parsed<ClientConfigProfile> {
  const where = file === null ? "TEMPORAL_*" : `TEMPORAL_* and ${file.path}`;
  const from = file === null ? { disableFile: true } : { configSource: { data: file.text } };
  try {
    const profile = loadClientConfigProfile({ ...from, overrideEnvVars: { ...variables } });
    const { success, error } = profileSchema.safeParse(profile);
    if (success) return { ok: true, value: profile };
    const key = error.issues[0]?.path.join(".") ?? "";
    return refused(`Temporal's settings hold a value of a wrong kind (${key}); check ${where}.`);
  } catch (error) {
    const both = namedTwice(error);
    if (both === null) throw error;
    return refused(`Temporal's settings name ${both}; check ${where}.`);
  }
}

/** What is given both as a path and as text, by the package's own word for it. */
function namedTwice(error: unknown): string | null {
  const [, name] = /^Cannot specify both (\w+)_path/.exec(error instanceof Error ? error.message : "") ?? [];
  return name === undefined ? null : `both ${name}_path and ${name}_data, of which one has to go`;
}

function refused(sentence: string): { ok: false; sentence: string } {
  return { ok: false, sentence };
}
