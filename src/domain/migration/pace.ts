import { z } from "zod";
import { perSecond } from "./words.ts";

/** Where the file names none, the destination's own. */
export const pace = z.strictObject({
  writesPerSecond: perSecond.exactOptional().describe("Calls that write at the destination."),
  readsPerSecond: perSecond.exactOptional().describe("Calls that read at the destination."),
  callsPerSecond: perSecond.exactOptional().describe("Reads and writes together."),
  pagesPerSecond: perSecond
    .default(10)
    .describe(
      "Pages of 60 users read from Cognito, and look-ups before mails. Its quota is 30 a second of the account and region, shared with live traffic.",
    ),
});
