import { z } from "zod";
import { MAX_PER_SECOND } from "../per-second.ts";

/** Words that several parts of the migration file are made of. */

/** More decisions than this belong into the source pool, not into a workflow's input. */
export const MAX_NAMED_SUBS = 1_000;

export const perSecond = z.number().positive().max(MAX_PER_SECOND);
/** People's names are no addresses: `namedByAddress` says so. */
export const sub = z.string().min(1).max(128).meta({ pattern: "^[^@]*$" });
export const subs = z.array(sub).min(1).max(MAX_NAMED_SUBS);

/** In a JSON Schema, too, which knows nothing of trimming. */
export const notBlank = z.string().regex(/\S/, "must not be empty");
export const key = notBlank.max(256).trim();
export const name = notBlank.trim();
export const attribute = z.string().min(1);
export const group = z.string().min(1).max(128);
export const slug = z.string().min(1);
