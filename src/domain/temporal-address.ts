import { z } from "zod";

/** An IPv6 host stands in brackets. */
const HOST_PORT = /^(?:\[[\da-f:.]+\]|[^:\s/[\]]+):(\d{1,5})$/i;
const MAX_PORT = 65_535;

/** Where a Temporal server listens, as Temporal's own CLI takes it. */
export const temporalAddress = z.string().refine(
  (address) => {
    const port = Number(HOST_PORT.exec(address)?.[1]);
    return port > 0 && port <= MAX_PORT;
  },
  { message: "must be host:port, for example localhost:7233" },
);
