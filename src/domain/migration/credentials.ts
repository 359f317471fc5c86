import { z } from "zod";
import { key, notBlank } from "./words.ts";

export const placement = z.union(
  [
    z.strictObject({ organization: key.describe("The key of the organization that it belongs to.") }),
    z.strictObject({ skip: notBlank.max(500).trim().describe("Left behind, and why: for the report.") }),
  ],
  { error: 'must be one of {"organization": "…"} or {"skip": "why"}' },
);

const MIN_POLL_SECONDS = 0.01;
const MAX_POLL_SECONDS = 3_600;
const pollSeconds = z.number().min(MIN_POLL_SECONDS).max(MAX_POLL_SECONDS);

export const gate = z
  .strictObject({
    firstPollSeconds: pollSeconds
      .default(5)
      .describe(
        "Seconds before the destination is asked again whether the providers stand, from 0.01 to 3,600. The wait doubles.",
      ),
    lastPollSeconds: pollSeconds.default(300).describe("Seconds of the longest such wait, up to 3,600."),
  })
  .refine(({ firstPollSeconds, lastPollSeconds }) => firstPollSeconds <= lastPollSeconds, {
    message: '"firstPollSeconds" must not be more than "lastPollSeconds"',
  })
  .describe("The run waits for identity providers that a person sets up: how often it looks.");
