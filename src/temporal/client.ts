import { Client } from "@temporalio/client";
import type { Parsed } from "../domain/migration.ts";
import { connectTemporal } from "./connection.ts";
import type { TemporalTarget } from "./target.ts";

export interface ConnectedClient {
  client: Client;
  close(): Promise<void>;
}

/** A client for commands. Workers have their own connection. */
export async function connectClient(target: TemporalTarget): Promise<Parsed<ConnectedClient>> {
  const connected = await connectTemporal(target);
  if (!connected.ok) return connected;
  const connection = connected.value;
  const client = new Client({ connection, namespace: target.namespace });
  return { ok: true, value: { client, close: () => connection.close() } };
}
