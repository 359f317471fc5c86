import { asInstalled } from "../domain/programs.ts";

const WEBHOOK_TIMEOUT_MS = 10_000;

/** Tells the alert webhook something, once. Rejects where it was not taken. */
export async function callAlertWebhook(url: string, alert: Readonly<Record<string, unknown>>): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    // Followed, most of them become a GET without the alert, and the others take it to a host that nobody named.
    redirect: "manual",
    body: JSON.stringify(alert, (_, part: unknown) => (typeof part === "string" ? asInstalled(part) : part)),
    signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The alert webhook answers ${response.status}.`);
}
