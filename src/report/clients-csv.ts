import type { ClientStanding } from "./clients.ts";
import { writeCsv } from "./files.ts";
import type { ReportMode } from "./mode.ts";

const COLUMNS = [
  "cognito_client_id",
  "name",
  "outcome",
  "destination_client_id",
  "secret",
  "redirect_uris",
  "note",
  "mode",
];

/** One line per app client. */
export async function writeClientsCsv(
  path: string,
  clients: readonly ClientStanding[],
  mode: ReportMode,
): Promise<void> {
  const rows = clients.map((standing) => [...row(standing), mode]);
  await writeCsv(path, COLUMNS, rows);
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
