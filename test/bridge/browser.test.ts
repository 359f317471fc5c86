import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Page } from "playwright-core";
import { expect, onTestFinished } from "vitest";
import { SENTENCES } from "../../examples/sign-in/messages.ts";
import { inBrowser, launchBrowser, shoot } from "../setup/chromium.ts";
import { type BridgeRig, emailOf, PASSWORD, SECRET, startBridge } from "./rig.ts";

const EXAMPLE = join(import.meta.dirname, "../../examples/sign-in/server.ts");
const SCREEN = { width: 480, height: 560 };
const PHONE_WIDTH = 320;

inBrowser("a browser signs somebody in by the old password once, and then at WorkOS alone", async () => {
  const rig = await startBridge();
  const user = await rig.add({ email: "ada@example.com" });
  const accountId = await rig.imported(user);
  const { page, url, log } = await open(rig);
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await shoot(page, "sign-in-page");

  await signIn(page, emailOf(user));
  await expectSignedIn(page, emailOf(user));
  await shoot(page, "sign-in-welcome");
  expect(rig.calls().cognito).toEqual(["AdminInitiateAuth 200"]);
  expect(rig.workos.passwordIs(accountId, PASSWORD)).toBe(true);
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ name: "session", httpOnly: true, secure: true, sameSite: "Lax" });
  // A random id: no token leaves the server.
  expect(cookie?.value).toMatch(/^[\da-f-]{36}$/);

  await submit(page, "Sign out");
  await expectSignedOut(page);
  expect(await page.context().cookies()).toEqual([]);

  const before = rig.calls();
  await signIn(page, emailOf(user));
  await expectSignedIn(page, emailOf(user));
  const after = rig.calls();
  expect(after.cognito).toEqual(before.cognito);
  // The poller asks for events by itself.
  const asked = after.workos.slice(before.workos.length).filter((entry) => !entry.startsWith("listEvents"));
  expect(asked).toEqual(["authenticate 200"]);
  // The bridge is asked by the server alone.
  const strangers = requests.filter((request) => !request.startsWith(`${url}/`) && request !== "data:,");
  expect(strangers).toEqual([]);
  expect(log()).toBe("");
});

inBrowser("a cookie from before the sign-out opens nothing", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const { page, url } = await open(rig);
  await signIn(page, emailOf(user));
  await expectSignedIn(page, emailOf(user));
  const cookies = await page.context().cookies();
  expect(cookies).toHaveLength(1);
  await submit(page, "Sign out");
  await page.context().addCookies(cookies);
  await page.goto(url);
  await expectSignedOut(page);
});

inBrowser("a browser is refused with one sentence for a wrong password, and gets no cookie", async () => {
  const rig = await startBridge();
  const user = await rig.add({ email: "ada@example.com" });
  const { page } = await open(rig);
  for (const email of [emailOf(user), "nobody@example.com"]) {
    await signIn(page, email, "Not-The-One-9");
    expect(await alertOf(page)).toBe(SENTENCES.wrong);
    expect(await page.getByLabel("E-mail address").inputValue()).toBe(email);
    expect(await page.getByLabel("Password").inputValue()).toBe("");
  }
  await signIn(page, emailOf(user), "Not-The-One-9");
  await shoot(page, "sign-in-wrong");
  expect(await page.context().cookies()).toEqual([]);
  expect(rig.workos.state().users).toEqual([]);
});

inBrowser("a browser shows somebody whom the plan leaves out whom to ask", async () => {
  const rig = await startBridge({ file: { only: { subs: ["nobody"] } } });
  const user = await rig.add();
  const { page } = await open(rig);
  await signIn(page, emailOf(user));
  expect(await alertOf(page)).toBe(SENTENCES.contact);
  expect(await page.context().cookies()).toEqual([]);
});

inBrowser("a browser sees the same for a forgotten password, account or none", async () => {
  const rig = await startBridge();
  const user = await rig.add({ email: "ada@example.com" });
  const { page, url } = await open(rig);
  const told: (string | null)[] = [];
  for (const email of [emailOf(user), "nobody@example.com"]) {
    await page.goto(url);
    await page.getByRole("link", { name: "Forgot your password?" }).click();
    await page.getByLabel("E-mail address").fill(email);
    await submit(page, "Send the link");
    told.push(await page.getByRole("status").textContent());
  }
  await shoot(page, "sign-in-forgot");
  expect(told).toEqual([SENTENCES.mailed, SENTENCES.mailed]);
  await rig.serving.bridge.context.afterAnswers.idle();
  expect(rig.calls().workos.filter((entry) => entry.startsWith("createPasswordReset"))).toEqual([
    "createPasswordReset 201",
  ]);
});

inBrowser("a browser is asked to try again while the bridge does not answer", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const { page } = await open(rig);
  await rig.serving.close();
  await signIn(page, emailOf(user));
  expect(await alertOf(page)).toBe(SENTENCES.later);
});

inBrowser("a form of another site signs nobody in", async () => {
  const rig = await startBridge();
  const user = await rig.add();
  const { page, url } = await open(rig);
  // A page without an address of its own is another site to every server.
  await page.goto("about:blank");
  await page.setContent(`<form method="post" action="${url}/sign-in">
    <input name="email" value="${emailOf(user)}"><input name="password" value="${PASSWORD}"><button>Win</button>
  </form>`);
  const [answer] = await Promise.all([
    page.waitForResponse(`${url}/sign-in`),
    page.getByRole("button").click(),
  ]);
  expect(answer.status()).toBe(403);
  expect(await answer.text()).toBe("Forbidden");
  expect(await page.context().cookies()).toEqual([]);
  expect(rig.calls().cognito).toEqual([]);
});

inBrowser("the page fits a phone, and what somebody typed stays text", async () => {
  const { page } = await open(await startBridge());
  await page.setViewportSize({ width: PHONE_WIDTH, height: SCREEN.height });
  const typed = `"><img/src=x>@example.com`;
  await page.locator("form").evaluate((form) => form.setAttribute("novalidate", ""));
  await signIn(page, typed, "x");
  expect(await alertOf(page)).toBe(SENTENCES.wrong);
  expect(await page.getByLabel("E-mail address").inputValue()).toBe(typed);
  expect(await page.locator("img").count()).toBe(0);
  const { scrollWidth } = await page.locator("html").evaluate(({ scrollWidth }) => ({ scrollWidth }));
  expect(scrollWidth).toBeLessThanOrEqual(PHONE_WIDTH);
});

async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await submit(page, "Sign in");
}

/** Presses the button and waits for the page that comes of it. */
async function submit(page: Page, name: string): Promise<void> {
  await Promise.all([page.waitForEvent("load"), page.getByRole("button", { name }).click()]);
}

async function expectSignedIn(page: Page, email: string): Promise<void> {
  expect(await page.getByRole("heading").textContent()).toBe("Welcome");
  expect(await page.getByRole("main").textContent()).toContain(`You are signed in as ${email}.`);
}

async function expectSignedOut(page: Page): Promise<void> {
  expect(await page.getByRole("heading").textContent()).toBe("Sign in");
}

function alertOf(page: Page): Promise<string | null> {
  return page.getByRole("alert").textContent();
}

/** The example at the bridge, in a browser without any cookie. `log` is what the example complained of. */
async function open(rig: BridgeRig): Promise<{ page: Page; url: string; log: () => string }> {
  const { url, log } = await startExample(rig.url);
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: SCREEN });
  await page.goto(url);
  return { page, url, log };
}

/** The example as people run it: `node examples/sign-in/server.ts`. */
async function startExample(bridgeUrl: string): Promise<{ url: string; log: () => string }> {
  const child = spawn(process.execPath, [EXAMPLE], {
    env: { PATH: process.env.PATH, BRIDGE_URL: bridgeUrl, BRIDGE_SECRET: SECRET, PORT: "0" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^Open (\S+)$/.exec(line) ?? [];
    if (url !== undefined) return { url, log: () => log };
  }
  throw new Error(`The example did not start: ${log}`);
}
