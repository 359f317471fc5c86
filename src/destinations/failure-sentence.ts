import { ownValue } from "../domain/own-value.ts";
import type { VendorSettings } from "../domain/vendor-settings.ts";
import type { Answer } from "./destination.ts";

interface Named {
  name: string;
  settings: Pick<VendorSettings<unknown>, "access" | "address" | "refusals">;
}

/** What a vendor's answer means for an operator, and what to check. */
export function failureSentence(
  { name, settings }: Named,
  failed: Exclude<Answer<unknown>, { ok: true }>,
): string {
  switch (failed.problem) {
    case "access_lost":
      return `${name} ${ownValue(settings.refusals, failed.code) ?? `refuses the access (${failed.code}); check ${settings.access}.`}`;
    case "slow_down":
      return `${name} throttles the environment at the moment; try again in a while.`;
    case "unavailable":
      return `${name} does not answer (${failed.code}); check ${settings.address} and the network.`;
    case "refused":
      return `${name} refuses the call (${failed.code}); check ${settings.access}.`;
    case "dead_cursor":
      return `${name}'s list was changed while it was read; try again.`;
  }
}
