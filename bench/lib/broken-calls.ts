import type { Fault } from "../../test/doubles/shared/faults.ts";
import type { Workos } from "./doubles.ts";

/** Broken after the call has taken effect: the caller cannot know. */
const EFFECTS: readonly Fault["effect"][] = [
  { kind: "status_after_effect", status: 503 },
  { kind: "reset_after_effect" },
];

/** Of the double's next `calls` calls, or of those of one operation, so many of a hundred are broken, evenly spread. */
export async function breakCalls(
  { url }: Workos,
  percent: number,
  calls: number,
  operation?: string,
): Promise<void> {
  if (percent === 0) return;
  const every = Math.round(100 / percent);
  const faults = Array.from({ length: Math.floor(calls / every) }, (_, index): Fault => {
    const effect = EFFECTS[index % EFFECTS.length] ?? { kind: "reset_after_effect" };
    const match = { after: (index + 1) * (every - 1), ...(operation === undefined ? {} : { operation }) };
    return { match, times: 1, effect };
  });
  const answer = await fetch(`${url}/__double/faults`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(faults),
  });
  if (!answer.ok) throw new Error(`The double refused the faults: ${await answer.text()}`);
}
