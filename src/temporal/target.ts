import { loadClientConnectConfig } from "@temporalio/envconfig";
import type { NativeConnectionOptions } from "@temporalio/worker";
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
    const { connectionOptions, namespace } = loadClientConnectConfig({ overrideEnvVars: setVariables() });
    const address = connectionOptions.address ?? DEFAULT_ADDRESS;
    if (!temporalAddress.safeParse(address).success)
      return {
        ok: false,
        sentence: `Temporal's address must be host:port, for example ${DEFAULT_ADDRESS}; check TEMPORAL_ADDRESS and the profile file.`,
      };
    const options = { ...connectionOptions, address };
    return { ok: true, value: { address, namespace: namespace ?? DEFAULT_NAMESPACE, options } };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      sentence: `Temporal's settings cannot be read (${why}); check TEMPORAL_* and the profile file.`,
    };
  }
}

/** Without those that are empty: a compose file or a shell that has no value for one still names it. */
function setVariables(): Record<string, string> {
  const named = Object.entries(process.env);
  return Object.fromEntries(named.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
