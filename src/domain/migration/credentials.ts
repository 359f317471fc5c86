import { z } from "zod";
import { key } from "./words.ts";

/** What stands in the way of a provider or an app client, answered beforehand. */
export const placement = z.union(
  [z.strictObject({ organization: key }), z.strictObject({ skip: z.string().trim().min(1).max(500) })],
  { error: 'must be one of {"organization": "…"} or {"skip": "why"}' },
);

const MIN_POLL_SECONDS = 0.01;
const MAX_POLL_SECONDS = 3_600;
const pollSeconds = z.number().min(MIN_POLL_SECONDS).max(MAX_POLL_SECONDS);

/** How often the destination is asked whether the providers stand; the wait doubles from the first to the last. */
export const gate = z
  .strictObject({ firstPollSeconds: pollSeconds.default(5), lastPollSeconds: pollSeconds.default(300) })
  .refine(({ firstPollSeconds, lastPollSeconds }) => firstPollSeconds <= lastPollSeconds, {
    message: '"firstPollSeconds" must not be more than "lastPollSeconds"',
  });
