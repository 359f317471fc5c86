import { existsSync, readFileSync } from "node:fs";
import { temporalRecord } from "./setup/places.mjs";

export { SetupProblem } from "./setup/problem.mjs";
export { provideTemporal } from "./setup/temporal.mjs";

export function temporalPath() {
  if (!existsSync(temporalRecord))
    throw new Error("The Temporal CLI is not set up; run: node tools/setup.mjs");
  return readFileSync(temporalRecord, "utf8").trim();
}
