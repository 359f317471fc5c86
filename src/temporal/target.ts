import { loadClientConnectConfig } from "@temporalio/envconfig";
import type { NativeConnectionOptions } from "@temporalio/worker";
import { fileTrouble, systemCodeOf } from "../domain/file-trouble.ts";
import type { Parsed } from "../domain/migration.ts";
import { temporalAddress } from "../domain/temporal-address.ts";

const DEFAULT_ADDRESS = "localhost:7233";
const DEFAULT_NAMESPACE = "default";

/** Where Temporal is, as the Temporal CLI reads it: TEMPORAL_* variables and its profile file. */
export interface TemporalTarget {
  address: string;
  namespace: string;
  options: NativeConnectionOptions;
}

export function readTemporalTarget(): Parsed<TemporalTarget> {
  try {
    const { connectionOptions, namespace } = configured(setVariables());
    const address = connectionOptions.address ?? DEFAULT_ADDRESS;
    if (!temporalAddress.safeParse(address).success)
      return {
        ok: false,
        sentence: `Temporal's address must be host:port, for example ${DEFAULT_ADDRESS}; check TEMPORAL_ADDRESS and the profile file.`,
      };
    const options = { ...connectionOptions, address };
    return { ok: true, value: { address, namespace: namespace ?? DEFAULT_NAMESPACE, options } };
  } catch (error) {
    return {
      ok: false,
      sentence: `Temporal's settings cannot be read (${whyOf(error)}); check TEMPORAL_* and the profile file.`,
    };
  }
}

/** A file without any profile is taken as none, as the Temporal CLI does; the library reads on in it, and throws a TypeError. */
function configured(variables: Record<string, string>) {
  try {
    return loadClientConnectConfig({ overrideEnvVars: variables });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const { TEMPORAL_PROFILE: profile } = variables;
    if (profile !== undefined) throw new Error(`there is no profile ${profile}`);
    return loadClientConnectConfig({ overrideEnvVars: variables, disableFile: true });
  }
}

/** The library shows the place in the file below what is wrong with it. */
function whyOf(error: unknown): string {
  const code = systemCodeOf(error);
  if (code !== null) return fileTrouble(code);
  const [first = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
  return first;
}

/** Without those that are empty: a compose file or a shell that has no value for one still names it. */
function setVariables(): Record<string, string> {
  const named = Object.entries(process.env);
  return Object.fromEntries(named.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
