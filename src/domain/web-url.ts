import { z } from "zod";

/** An address that a setting may name. */
export const webUrl = z.url({ protocol: /^https?$/, error: "must be an http:// or https:// address" });
