// The whole package loads what workers are made of; most commands only ask.
import { NativeConnection } from "@temporalio/worker/lib/connection.js";
import { connectionRefusal, namespaceRefusal, type Unconnected } from "./refusal.ts";
import type { TemporalTarget } from "./target.ts";

/** Connects and makes sure that the namespace exists. */
export async function connectTemporal(
  target: TemporalTarget,
): Promise<{ ok: true; value: NativeConnection } | Unconnected> {
  let connection: NativeConnection;
  try {
    connection = await NativeConnection.connect(target.options);
  } catch (error) {
    return connectionRefusal(target, error);
  }
  try {
    await connection.workflowService.describeNamespace({ namespace: target.namespace });
    return { ok: true, value: connection };
  } catch (error) {
    await connection.close();
    return namespaceRefusal(target, error);
  }
}
