import type { Parsed } from "../domain/migration.ts";
import type { Destination, Vendor } from "./destination.ts";
import type { SignInDestination } from "./sign-in.ts";
import { workos } from "./workos/index.ts";

/** A vendor as everybody else sees it: what its settings hold is its own affair. */
export interface RegisteredVendor
  extends Pick<Vendor<unknown>, "kind" | "name" | "environmentIs" | "facts" | "rules" | "handOver"> {
  readonly settings: Pick<Vendor<unknown>["settings"], "shape" | "access" | "address" | "refusals">;
  /** With values that the shape of its settings let through. */
  configure(values: Readonly<Record<string, unknown>>): Parsed<ConfiguredVendor>;
}

/** A vendor with its settings: one environment, which nobody has called yet. */
export interface ConfiguredVendor {
  readonly vendor: RegisteredVendor;
  readonly environment: string;
  /** True if the settings open a production environment, as far as they say so. */
  readonly isLive: boolean;
  /** Throws when the address cannot be used. */
  connect(callTimeoutMs?: number): Destination;
  /** Null where no password can be moved over the bridge. */
  signIn: ((callTimeoutMs: number) => SignInDestination) | null;
}

/** All vendors there are. */
export const VENDORS: readonly RegisteredVendor[] = [register(workos)];

export function vendorOf(kind: string): RegisteredVendor {
  const vendor = VENDORS.find((one) => one.kind === kind);
  if (vendor === undefined) throw new Error(`The registry has no vendor for the destination ${kind}.`);
  return vendor;
}

export function register<S>(vendor: Vendor<S>): RegisteredVendor {
  const { kind, name, environmentIs, facts, rules, handOver, settings } = vendor;
  const registered: RegisteredVendor = {
    kind,
    name,
    environmentIs,
    facts,
    rules,
    handOver,
    settings,
    configure(values) {
      const read = settings.read(values);
      return read.ok ? { ok: true, value: configured(registered, vendor, read.value) } : read;
    },
  };
  return registered;
}

function configured<S>(registered: RegisteredVendor, vendor: Vendor<S>, settings: S): ConfiguredVendor {
  const { signIn } = vendor;
  return {
    vendor: registered,
    environment: vendor.settings.environmentOf(settings),
    isLive: vendor.settings.isLive(settings),
    connect: (callTimeoutMs) => vendor.connect(settings, callTimeoutMs),
    signIn: signIn === undefined ? null : (callTimeoutMs) => signIn(settings, callTimeoutMs),
  };
}
