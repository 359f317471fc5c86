import type { ClientStanding } from "./clients.ts";
import { writeCsv } from "./files.ts";

const COLUMNS = [
  "cognito_client_id",
  "name",
  "outcome",
  "destination_client_id",
  "secret",
  "redirect_uris",
  "note",
];

/** One line per app client. */
export async function writeClientsCsv(path: string, clients: readonly ClientStanding[]): Promise<void> {
  await writeCsv(path, COLUMNS, clients.map(row));
}

function row({ client, outcome, destinationClientId, secretName, note }: ClientStanding): (string | null)[] {
  return [
    client.id,
    client.name,
    outcome,
    destinationClientId,
    secretName,
    client.callbackUrls.join(" "),
    note,
  ];
}
