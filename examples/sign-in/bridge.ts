import { z } from "zod";

/** More than the bridge takes for an answer. */
const TIMEOUT_MS = 25_000;

const show = z.enum([
  "wrong",
  "reset",
  "verify",
  "second_factor",
  "choose",
  "other_method",
  "contact",
  "later",
]);

const session = z.object({
  user: z.object({ email: z.string() }),
  access_token: z.string(),
  refresh_token: z.string(),
});

const answerSchema = z.union([
  z.object({ show: z.literal("session"), session }),
  // Cognito never verified the address, and there is nothing to go on with: no message is on its way.
  z
    .object({ show: z.literal("verify"), continue: z.strictObject({}) })
    .transform(() => ({ show: "unverified" as const })),
  z.object({ show }),
  z.object({ outcome: z.literal("accepted") }).transform(() => ({ show: "mailed" as const })),
  // What was typed is no address, or no password.
  z
    .object({ error: z.literal("invalid_body"), key: z.enum(["email", "password"]) })
    .transform(() => ({ show: "wrong" as const })),
]);

export type Session = z.infer<typeof session>;
export type Answer = z.infer<typeof answerSchema>;

export interface Typed {
  email: string;
  password?: string;
  /** Of the person. */
  ip_address: string | undefined;
  user_agent: string;
}

/** Asks the bridge. The secret stays on the server: a browser never talks to it. */
export async function askBridge(
  { url, secret }: { url: string; secret: string },
  path: "/sign-in" | "/forgot-password",
  typed: Typed,
): Promise<Answer> {
  try {
    const response = await fetch(new URL(path, url), {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify(typed),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const answer = answerSchema.safeParse(await response.json());
    if (answer.success) return answer.data;
    console.error(`The bridge answered ${response.status}, and nothing that this application knows.`);
  } catch (error) {
    // Its name alone: a message may quote the answer.
    console.error(`The bridge gave no answer: ${error instanceof Error ? error.name : "unknown"}.`);
  }
  return { show: "later" };
}
