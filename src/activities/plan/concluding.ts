import type { KnowsCounterparts } from "../../domain/counterparts.ts";
import type { KnowsStructure } from "../../domain/records.ts";
import type { Pulse } from "../../engine/heartbeat.ts";
import type { Planning } from "./planning.ts";

/** What looks at a whole plan work with: a part of what the plan itself does. */
export interface Concluding extends Pick<Planning, "ledger" | "run" | "file"> {
  pulse: Pick<Pulse, "throwIfCancelled">;
  destination: KnowsStructure & KnowsCounterparts;
}
