// The whole package loads what workers are made of; most commands only ask.
import { NativeConnection } from "@temporalio/worker/lib/connection.js";
import type { Parsed } from "../domain/migration.ts";
import type { TemporalTarget } from "./target.ts";

const NOT_FOUND = 5;

/** Connects and makes sure that the namespace exists. */
export async function connectTemporal(target: TemporalTarget): Promise<Parsed<NativeConnection>> {
  const { address, namespace } = target;
  let connection: NativeConnection;
  try {
    connection = await NativeConnection.connect(target.options);
  } catch {
    return {
      ok: false,
      sentence: `No Temporal server answers at ${address}; start it, with its database where it has one, or set TEMPORAL_ADDRESS.`,
    };
  }
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return { ok: true, value: connection };
  } catch (error) {
    await connection.close();
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const what =
      code === NOT_FOUND
        ? `has no namespace "${namespace}"; make it, or set TEMPORAL_NAMESPACE`
        : "refuses the connection; check TEMPORAL_API_KEY and the TLS settings";
    return { ok: false, sentence: `The Temporal server at ${address} ${what}.` };
  }
}
