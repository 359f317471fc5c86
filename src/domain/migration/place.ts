import { z } from "zod";

/** Where people go. Where the environment is named, a worker of another one does nothing. */
export const place = z.strictObject({
  /** One of those that there are: the registry knows which. */
  kind: z.string().min(1),
  environment: z.string().min(1).exactOptional(),
});
