import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { serve } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { csrf } from "hono/csrf";
import { secureHeaders } from "hono/secure-headers";
import { z } from "zod";
import { askBridge, type Session } from "./bridge.ts";
import { SENTENCES } from "./messages.ts";
import { forgotPage, homePage, signInPage } from "./pages.ts";

const read = z
  .object({
    BRIDGE_URL: z.url().default("http://127.0.0.1:8787"),
    BRIDGE_SECRET: z.string().min(1),
    PORT: z.coerce.number().int().default(3000),
  })
  .safeParse(process.env);
if (!read.success) {
  const [issue] = read.error.issues;
  console.error(`The setting ${String(issue?.path[0])} is missing or wrong; see examples/sign-in/README.md.`);
  process.exit(2);
}
const settings = read.data;
const bridge = { url: settings.BRIDGE_URL, secret: settings.BRIDGE_SECRET };

const BODY_MAX_BYTES = 8 * 1_024;
const COOKIE = { httpOnly: true, secure: true, sameSite: "Lax", maxAge: 8 * 3_600 } as const;
const NOTHING: string[] = ["'none'"];
const OWN: string[] = ["'self'"];

/** By a random id: browsers get no token. An application keeps these where all its instances find them. */
const sessions = new Map<string, Session & { endsAtMs: number }>();
const style = readFileSync(new URL("style.css", import.meta.url), "utf8");

const app = new Hono();
app.use(bodyLimit({ maxSize: BODY_MAX_BYTES }));
// Forms of other sites are refused.
app.use(csrf());
app.use(
  secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: NOTHING,
      styleSrc: OWN,
      imgSrc: ["data:"],
      formAction: OWN,
      frameAncestors: NOTHING,
      baseUri: NOTHING,
    },
    // With none at all, browsers would not tell where a form comes from.
    referrerPolicy: "same-origin",
  }),
);
app.use(async (context, next) => {
  context.header("cache-control", "no-store");
  await next();
});

app.get("/style.css", (context) => context.body(style, 200, { "content-type": "text/css; charset=utf-8" }));

app.get("/", (context) => {
  const session = sessions.get(getCookie(context, "session") ?? "");
  const isOpen = session !== undefined && session.endsAtMs > Date.now();
  return context.html(isOpen ? homePage(session.user.email) : signInPage());
});

app.post("/sign-in", async (context) => {
  const { email, password } = await fieldsOf(context);
  const answer = await askBridge(bridge, "/sign-in", { email, password, ...clientOf(context) });
  if (answer.show !== "session") {
    const status = answer.show === "later" ? 503 : 403;
    return context.html(signInPage({ email, alert: SENTENCES[answer.show] }), status);
  }
  const nowMs = Date.now();
  for (const [id, { endsAtMs }] of sessions) if (endsAtMs <= nowMs) sessions.delete(id);
  const id = randomUUID();
  sessions.set(id, { ...answer.session, endsAtMs: nowMs + COOKIE.maxAge * 1_000 });
  setCookie(context, "session", id, COOKIE);
  return context.redirect("/", 303);
});

app.post("/sign-out", (context) => {
  sessions.delete(deleteCookie(context, "session", { secure: true }) ?? "");
  return context.redirect("/", 303);
});

app.get("/forgot-password", (context) => context.html(forgotPage()));

app.post("/forgot-password", async (context) => {
  const { email } = await fieldsOf(context);
  const { show } = await askBridge(bridge, "/forgot-password", { email, ...clientOf(context) });
  if (show === "later") return context.html(forgotPage({ email, alert: SENTENCES.later }), 503);
  return context.html(forgotPage({ notice: SENTENCES.mailed }));
});

/** A field that is missing, or a file, is empty. */
async function fieldsOf(context: Context): Promise<{ email: string; password: string }> {
  const text = z.string().catch("");
  return z.object({ email: text, password: text }).parse(await context.req.parseBody());
}

/** Who is at the browser. Behind a proxy, the address is the one that the proxy names. */
function clientOf(context: Context) {
  const userAgent = context.req.header("user-agent") ?? "";
  return {
    ip_address: getConnInfo(context).remote.address,
    user_agent: userAgent.replace(/\p{C}/gu, " ").slice(0, 512),
  };
}

serve({ fetch: app.fetch, hostname: "127.0.0.1", port: settings.PORT }, ({ port }) => {
  console.log(`Open http://localhost:${port}`);
});
