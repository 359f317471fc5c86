// The whole package loads what workers are made of; most commands only ask.
import { NativeConnection } from "@temporalio/worker/lib/connection.js";
import type { Parsed } from "../domain/migration.ts";
import { connectionRefusal, namespaceRefusal } from "./refusal.ts";
import type { TemporalTarget } from "./target.ts";

/** Connects and makes sure that the namespace exists. */
export async function connectTemporal(target: TemporalTarget): Promise<Parsed<NativeConnection>> {
  let connection: NativeConnection;
  try {
    connection = await NativeConnection.connect(target.options);
  } catch (error) {
    return { ok: false, sentence: connectionRefusal(target, error) };
  }
  try {
    await connection.workflowService.describeNamespace({ namespace: target.namespace });
    return { ok: true, value: connection };
  } catch (error) {
    await connection.close();
    return { ok: false, sentence: namespaceRefusal(target, error) };
  }
}
