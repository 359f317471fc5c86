import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { z } from "zod";
import type { DoubleEnv } from "../shared/serve.ts";
import { unprocessable } from "./api-error.ts";
import { isEmail, parse } from "./bodies.ts";
import { jsonOf, referred } from "./requests.ts";
import type { Stores } from "./stores.ts";

/** `GenerateLinkDto`. */
const linkBody = z.strictObject({
  organization: z.string(),
  intent: z
    .enum([
      "sso",
      "dsync",
      "audit_logs",
      "log_streams",
      "domain_verification",
      "certificate_renewal",
      "bring_your_own_key",
    ])
    .optional(),
  return_url: z.url().optional(),
  success_url: z.url().optional(),
  it_contact_emails: z.array(z.string().refine(isEmail)).max(20).optional(),
});

export function portalRoutes({ organizations }: Stores): Hono<DoubleEnv> {
  const routes = new Hono<DoubleEnv>();
  routes.post("/portal/generate_link", async (context) => {
    const { organization: id } = parse(linkBody, await jsonOf(context), unprocessable);
    context.set("key", id);
    const organization = referred(organizations.byId.get(id), `Organization '${id}'`);
    context.set("key", organizations.nameOf(organization));
    const token = randomBytes(24).toString("base64url");
    return context.json({ link: `https://setup.workos.com/?token=${token}` }, 201);
  });
  return routes;
}
