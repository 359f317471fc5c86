import { type ClientConfigProfile, toClientOptions } from "@temporalio/envconfig";
import type { NativeConnectionOptions } from "@temporalio/worker";
import { isLoopback } from "../domain/loopback.ts";
import type { Parsed } from "../domain/migration.ts";
import { temporalAddress } from "../domain/temporal-address.ts";
import { readCertificates } from "./certificates.ts";
import { readProfile } from "./profile.ts";

const DEFAULT_ADDRESS = "localhost:7233";
const DEFAULT_NAMESPACE = "default";

/** Where Temporal is, as the Temporal CLI reads it: TEMPORAL_* variables and its profile file. */
export interface TemporalTarget {
  address: string;
  namespace: string;
  options: NativeConnectionOptions;
}

export function readTemporalTarget(): Parsed<TemporalTarget> {
  const read = readProfile(setVariables());
  if (!read.ok) return read;
  const { tls, ...profile } = read.value;
  const withFiles = readCertificates(tls ?? {});
  if (!withFiles.ok) return withFiles;
  return targetOf(tls === undefined ? profile : { ...profile, tls: withFiles.value });
}

function targetOf(profile: ClientConfigProfile): Parsed<TemporalTarget> {
  const { connectionOptions, namespace } = toClientOptions(profile);
  const address = connectionOptions.address ?? DEFAULT_ADDRESS;
  if (!temporalAddress.safeParse(address).success)
    return {
      ok: false,
      sentence: `Temporal's address must be host:port, for example ${DEFAULT_ADDRESS}; check TEMPORAL_ADDRESS and the profile file.`,
    };
  const isInClear = connectionOptions.apiKey !== undefined && !connectionOptions.tls;
  if (isInClear && !isLoopback(address.slice(0, address.lastIndexOf(":"))))
    return {
      ok: false,
      sentence: `Temporal's API key would go to ${address} unencrypted; unset TEMPORAL_TLS, and "disabled" in the profile file.`,
    };
  const options = { ...connectionOptions, address };
  return { ok: true, value: { address, namespace: namespace ?? DEFAULT_NAMESPACE, options } };
}

/** Without those that are empty: a compose file or a shell that has no value for one still names it. */
function setVariables(): Record<string, string> {
  const named = Object.entries(process.env);
  return Object.fromEntries(named.flatMap(([name, value]) => (value ? [[name, value]] : [])));
}
