import { z } from "zod";

const LOOPBACK = ["localhost", "127.0.0.1"];

/** https, or http on this machine. */
export const secureUrl = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && (url.protocol === "https:" || isLocal(url));
}, "must be an https URL, or http on localhost or 127.0.0.1");

/** Schemes of native apps are allowed too, such as `myapp://callback`. */
export const redirectUri = z.string().refine((text) => {
  const url = URL.parse(text);
  return url !== null && (url.protocol !== "http:" || isLocal(url));
}, "must be a URL; http is for localhost and 127.0.0.1 only");

function isLocal({ protocol, hostname }: URL): boolean {
  return protocol === "http:" && LOOPBACK.includes(hostname);
}
