import { z } from "zod";
import { isPrivate } from "./loopback.ts";

/** An address that a setting may name. Calls to one with a login are refused, by an error that quotes the password. */
export const webUrl = z
  .url({ protocol: /^https?$/, error: "must be an http:// or https:// address" })
  .refine(hasNoLogin, { message: "must name no user and no password" });

/** The address of a vendor, to which keys and passwords go. What is no address at all is told as that. */
export const vendorUrl = webUrl.refine((address) => !URL.canParse(address) || isPrivate(new URL(address)), {
  message: "must be https://, as keys and passwords go there; http:// is for this machine only",
});

function hasNoLogin(address: string): boolean {
  if (!URL.canParse(address)) return true;
  const { username, password } = new URL(address);
  return username === "" && password === "";
}
