import { z } from "zod";

/** What is said of either is repeated in sentences, which Temporal keeps. */
const KIND_MAX_LENGTH = 40;
const ENVIRONMENT_MAX_LENGTH = 200;

/** One of those that there are: the registry knows which. */
export const kind = z.string().min(1).max(KIND_MAX_LENGTH).describe("Where the users go.");

/** Where people go. Where the environment is named, a worker of another one does nothing. */
export const place = z.strictObject({
  kind,
  environment: z
    .string()
    .min(1)
    .max(ENVIRONMENT_MAX_LENGTH)
    .exactOptional()
    .describe(
      "Which environment of it. Without it: that of the worker; `./spillway migrate` fills it in. A worker with the settings of another one does nothing, and the run parks.",
    ),
});

const named = z.looseObject({ destination: z.looseObject({ environment: z.string() }) });

/** The environment that the input of a run names, whatever else it holds; null for none. */
export function environmentIn(input: unknown): string | null {
  const parsed = named.safeParse(input);
  return parsed.success ? parsed.data.destination.environment : null;
}
