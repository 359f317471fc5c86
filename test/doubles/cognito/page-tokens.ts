import { createHash, createHmac } from "node:crypto";
import { invalidParameter } from "../shared/aws-error.ts";

/** Where a chain of pages stands. Kept in the token alone, so that tokens outlive the double's process. */
export interface Place {
  /** 0 for the first chain that the double began, then 1, 2 … */
  chain: number;
  /** Pages given so far. */
  pages: number;
  /** Rows given so far. */
  offset: number;
}

const SIGNING_KEY = "the double's own";

/** `parameters` are those of the call; a token is only good for a call with the same. */
export function writeToken(place: Place, parameters: unknown): string {
  const { chain, pages, offset } = place;
  const body = Buffer.from(JSON.stringify([chain, pages, offset, digest(parameters)])).toString("base64url");
  return `${body}.${sign(body)}`;
}

/** Throws InvalidParameterException for a token that is not ours or was given for other parameters. */
export function readToken(token: string, parameters: unknown): Place {
  const [body = "", signature] = token.split(".");
  if (signature !== sign(body)) throw invalidParameter("Invalid pagination token.");
  // The signature proves that writeToken made it.
  const [chain, pages, offset, bound] = JSON.parse(Buffer.from(body, "base64url").toString()) as [
    number,
    number,
    number,
    string,
  ];
  if (bound !== digest(parameters))
    throw invalidParameter("The pagination token was given for other parameters.");
  return { chain, pages, offset };
}

function digest(parameters: unknown): string {
  return createHash("sha256").update(JSON.stringify(parameters)).digest("base64url").slice(0, 16);
}

function sign(body: string): string {
  return createHmac("sha256", SIGNING_KEY).update(body).digest("base64url");
}
