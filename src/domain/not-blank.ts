import { z } from "zod";

/** A setting's text, as it stands. */
export const notBlank = z.string().regex(/\S/, "must not be blank");
