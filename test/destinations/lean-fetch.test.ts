import { createServer, type RequestListener } from "node:http";
import { expect, test } from "vitest";
import { leanFetch } from "../../src/destinations/lean-fetch.ts";
import { freePort } from "../setup/free-port.ts";

async function serving(answer: RequestListener) {
  const server = createServer(answer);
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("method, headers and body arrive, and so does the answer", async () => {
  await using server = await serving(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    response.writeHead(201, "Made", {
      "x-seen": `${request.method} ${request.headers.authorization} ${body}`,
    });
    response.end("{}");
  });
  const answer = await leanFetch(server.url, {
    method: "POST",
    headers: { Authorization: "Bearer key" },
    body: "text",
  });
  expect(answer).toMatchObject({ ok: true, status: 201, statusText: "Made" });
  expect(answer.headers.get("X-Seen")).toBe("POST Bearer key text");
  expect(await answer.json()).toEqual({});
});

test("headers may be given in each of the three ways", async () => {
  await using server = await serving((request, response) => void response.end(request.headers.authorization));
  for (const headers of [{ Authorization: "Bearer key" }, new Headers({ authorization: "Bearer key" })])
    expect(await (await leanFetch(server.url, { headers })).text()).toBe("Bearer key");
  const listed = await leanFetch(server.url, { headers: [["Authorization", "Bearer key"]] });
  expect(await listed.text()).toBe("Bearer key");
});

test("a form arrives as its text", async () => {
  await using server = await serving((request, response) => void request.pipe(response));
  const body = new URLSearchParams({ code: "a b", client: "c&d" });
  expect(await (await leanFetch(server.url, { method: "POST", body })).text()).toBe("code=a+b&client=c%26d");
});

test("what would need a stream is refused before it is sent", async () => {
  await using server = await serving((_, response) => void response.end());
  await expect(leanFetch(new Request(server.url))).rejects.toThrow("Give the address and the options");
  await expect(leanFetch(server.url, { method: "POST", body: new Blob([]) })).rejects.toThrow(
    "a text or a form",
  );
});

test("hints that come before the answer are not the answer", async () => {
  await using server = await serving((_, response) => {
    response.writeEarlyHints({ link: "</a>; rel=preload" }, () => void response.writeHead(201).end("{}"));
  });
  const answer = await leanFetch(server.url);
  expect([answer.status, await answer.text()]).toEqual([201, "{}"]);
});

test("an answer is read as text or JSON, and says so where it is asked for more", async () => {
  await using server = await serving((_, response) => void response.end('{"a":1}'));
  const answer = await leanFetch(server.url);
  expect([await answer.text(), await answer.json()]).toEqual(['{"a":1}', { a: 1 }]);
  expect(() => answer.arrayBuffer()).toThrow("Read this answer by text() or json().");
});

test("a header that comes twice is kept twice", async () => {
  await using server = await serving((_, response) => {
    response.setHeader("set-cookie", ["a=1", "b=2"]).end();
  });
  expect((await leanFetch(server.url)).headers.getSetCookie()).toEqual(["a=1", "b=2"]);
});

test("an answer without a body is an answer", async () => {
  await using server = await serving((_, response) => void response.writeHead(204).end());
  const answer = await leanFetch(server.url);
  expect([answer.status, await answer.text()]).toEqual([204, ""]);
});

test("a redirect is an answer, not a way to another host", async () => {
  let asked = 0;
  await using server = await serving((_, response) => {
    asked += 1;
    response.writeHead(302, { location: "/elsewhere" }).end();
  });
  expect((await leanFetch(server.url)).status).toBe(302);
  expect(asked).toBe(1);
});

test("a connection that breaks in the middle of the body rejects as fetch does", async () => {
  await using server = await serving((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{", () => response.destroy());
  });
  await expect(leanFetch(server.url)).rejects.toThrow(TypeError);
});

/** An answer without an end, for whoever reads on. */
const endless: RequestListener = (_, response) => {
  const part = Buffer.alloc(1_024 * 1_024, " ");
  const more = () => void response.write(part, (error) => (error ? undefined : more()));
  more();
};

test.each([
  ["of a call with a text", { method: "POST", body: "{}" }],
  ["of a call with a form", { method: "POST", body: new URLSearchParams({ code: "1" }) }],
])("an answer %s that does not end rejects as a broken connection does", async (_, init) => {
  await using server = await serving(endless);
  await expect(leanFetch(server.url, init)).rejects.toThrow(
    expect.objectContaining({
      name: "TypeError",
      cause: expect.objectContaining({ code: "UND_ERR_RES_EXCEEDED_MAX_SIZE" }),
    }),
  );
});

test("an answer of many megabytes is whole, also in letters of several bytes", async () => {
  const text = "ü".repeat(4 * 1_024 * 1_024);
  await using server = await serving((_, response) => void response.end(text));
  expect((await (await leanFetch(server.url)).text()) === text).toBe(true);
});

test("nobody listening rejects as fetch does", async () => {
  await expect(leanFetch(`http://127.0.0.1:${await freePort()}/`)).rejects.toThrow(
    expect.objectContaining({
      name: "TypeError",
      cause: expect.objectContaining({ code: "ECONNREFUSED" }),
    }),
  );
});

test("a call that is given up while its body comes rejects with the reason", async () => {
  const giveUp = new AbortController();
  await using server = await serving((_, response) => {
    response.writeHead(200, { "content-length": "100" });
    response.write("{", () => giveUp.abort());
  });
  await expect(leanFetch(server.url, { signal: giveUp.signal })).rejects.toThrow(
    expect.objectContaining({ name: "AbortError" }),
  );
});

test("a call that was given up before it began, or while it waited for a connection, is not sent", async () => {
  let asked = 0;
  await using server = await serving((_, response) => {
    asked += 1;
    response.end();
  });
  const giveUp = new AbortController();
  const waiting = leanFetch(server.url, { signal: giveUp.signal });
  giveUp.abort();
  const before = leanFetch(server.url, { signal: giveUp.signal });
  for (const call of [waiting, before])
    await expect(call).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  await leanFetch(server.url);
  expect(asked).toBe(1);
});
