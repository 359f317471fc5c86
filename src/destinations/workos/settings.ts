import { z } from "zod";
import { type MissingSetting, missingSettings } from "../../domain/missing-settings.ts";
import { notBlank } from "../../domain/not-blank.ts";
import type { VendorSettings } from "../../domain/vendor-settings.ts";
import { vendorUrl } from "../../domain/web-url.ts";

export interface WorkosSettings {
  apiKey: string;
  /** The environment's. */
  clientId: string;
  apiUrl: string;
}

/** The code of a refusal: the key works, and the client id is wrong, or that of another environment. */
export const FOREIGN_CLIENT_ID = "client_id_of_another_environment";

const API_URL = "https://api.workos.com";
const NO_PATH = `must be an address without a path, for example ${API_URL}`;

const shape = {
  WORKOS_API_KEY: notBlank.optional(),
  WORKOS_CLIENT_ID: notBlank.optional(),
  WORKOS_API_URL: vendorUrl.refine(hasNoPath, { message: NO_PATH }).default(API_URL),
};
const schema = z.object(shape);

const MISSING_KEY: MissingSetting = {
  name: "WORKOS_API_KEY",
  advice: "copy the API key from the WorkOS dashboard",
};
const MISSING_ID: MissingSetting = {
  name: "WORKOS_CLIENT_ID",
  advice: "copy the client id from the WorkOS dashboard",
};

export const settings: VendorSettings<WorkosSettings> = {
  shape,
  read(values) {
    const {
      WORKOS_API_KEY: apiKey,
      WORKOS_CLIENT_ID: clientId,
      WORKOS_API_URL: apiUrl,
    } = schema.parse(values);
    if (apiKey !== undefined && clientId !== undefined)
      return { ok: true, value: { apiKey, clientId, apiUrl } };
    const lacking = [
      ...(apiKey === undefined ? [MISSING_KEY] : []),
      ...(clientId === undefined ? [MISSING_ID] : []),
    ];
    return missingSettings(lacking);
  },
  environmentOf: ({ clientId }) => clientId,
  isLive: ({ apiKey }) => apiKey.startsWith("sk_live_"),
  access: "WORKOS_API_KEY and WORKOS_CLIENT_ID",
  address: "WORKOS_API_URL",
  refusals: {
    unauthorized: "refuses the API key (unauthorized); check WORKOS_API_KEY.",
    forbidden:
      "takes the API key, and lets it not make a call that is needed (forbidden); give it the rights, or make another in the dashboard.",
    [FOREIGN_CLIENT_ID]:
      "takes the API key, and WORKOS_CLIENT_ID is not the client id of its environment; copy both from one environment of the dashboard.",
  },
};

/** The SDK knows of a host and a port only. What is no address at all is told as that. */
function hasNoPath(address: string): boolean {
  if (!URL.canParse(address)) return true;
  const { pathname, search } = new URL(address);
  return pathname === "/" && search === "";
}
