import { z } from "zod";

/** What is said of either is repeated in sentences, which Temporal keeps. */
const KIND_MAX_LENGTH = 40;
const ENVIRONMENT_MAX_LENGTH = 200;

/** Where people go. Where the environment is named, a worker of another one does nothing. */
export const place = z.strictObject({
  /** One of those that there are: the registry knows which. */
  kind: z.string().min(1).max(KIND_MAX_LENGTH),
  environment: z.string().min(1).max(ENVIRONMENT_MAX_LENGTH).exactOptional(),
});
