import { progressOf, type Run } from "../faults/stage.ts";
import { until } from "../faults/until.ts";

/** Resolves when the gate is shut by these providers and no others, with what the run says of them. */
export function waitingFor(run: Run, names: readonly string[]) {
  return until(`the run waits for ${names.join(", ")}`, async () => {
    const { state, missingProviders } = await progressOf(run);
    const missing = missingProviders.map(({ name }) => name);
    return state === "Waiting" && JSON.stringify(missing) === JSON.stringify(names) ? missingProviders : null;
  });
}
