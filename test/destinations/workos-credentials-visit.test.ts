import { once } from "node:events";
import { createServer } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { judge } from "../../src/destinations/workos/judge-redirect.ts";

const WORKOS = "https://api.workos.com";

/** A service of this machine that no provider has to do with. Returns its address and what it was asked for. */
async function service() {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? "");
    response.end("invalid_client");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("A TCP server has a port.");
  return { url: `http://127.0.0.1:${address.port}`, asked };
}

test("a provider's metadata leads no worker to what listens on its own machine", async () => {
  const { url, asked } = await service();
  const target = {
    kind: "saml",
    connectionId: "conn_1",
    ssoUrl: `${url}/sso`,
    metadataUrl: null,
    spEntityId: null,
  } as const;
  expect(await judge(new URL(`${url}/sso?SAMLRequest=`), target, WORKOS)).toEqual({ kind: "verified" });
  expect(asked).toEqual([]);
  // A rehearsal has all of them on one machine.
  const rehearsed = await judge(new URL(`${url}/sso?SAMLRequest=`), target, "http://127.0.0.1:4010");
  expect(rehearsed).toMatchObject({ kind: "wrong", code: "invalid_client" });
  expect(asked).toEqual(["/sso?SAMLRequest="]);
});
