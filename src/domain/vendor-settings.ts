import type { z } from "zod";
import type { Parsed } from "./migration.ts";

/** A vendor's settings, as environment variables. */
export interface VendorSettings<S> {
  /** By their names. A variable that is not set may be missing here: only who uses the vendor needs it. */
  readonly shape: Readonly<Record<string, z.ZodType>>;
  /** From values that the shape let through. */
  read(values: Readonly<Record<string, unknown>>): Parsed<S>;
  /** Which environment they are for. */
  environmentOf(settings: S): string;
  /** True if they open a production environment, as far as they say so. */
  isLive(settings: S): boolean;
  /** For sentences that say what to check: the settings that prove who calls, and the one that says where. */
  readonly access: string;
  readonly address: string;
  /** What is wrong with the access and what to do, by the code of a refusal: the sentence's rest after the vendor's name. */
  readonly refusals: Readonly<Record<string, string>>;
}
