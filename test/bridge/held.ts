import { until } from "../faults/until.ts";
import type { BridgeRig } from "./rig.ts";

/** Holds the next such call at Cognito, which `ask` leads to; it ends once `meanwhile` is done, and all that follows with it. */
export async function heldWhile(
  rig: BridgeRig,
  operation: string,
  ask: () => Promise<unknown>,
  meanwhile: () => Promise<void>,
): Promise<void> {
  const { promise, resolve: release } = Promise.withResolvers<void>();
  rig.cognito.faults.add({ match: { operation }, times: 1, effect: { kind: "hold", until: promise } });
  const asked = ask();
  await until(
    `${operation} is held`,
    () => rig.calls().cognito.some((call) => call.startsWith(operation)),
    10_000,
  );
  await meanwhile();
  release();
  await asked;
  await rig.serving.bridge.context.afterAnswers.idle();
}
