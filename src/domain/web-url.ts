import { z } from "zod";

/** An address that a setting may name. Calls to one with a login are refused, by an error that quotes the password. */
export const webUrl = z
  .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
  .refine(hasNoLogin, { message: "must name no user and no password" });

function hasNoLogin(address: string): boolean {
  if (!URL.canParse(address)) return true;
  const { username, password } = new URL(address);
  return username === "" && password === "";
}
