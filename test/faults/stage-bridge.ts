import { startBridgeProcess } from "../bridge/bridge-process.ts";
import { call, SECRET } from "../bridge/rig.ts";
import type { PoolUser } from "../doubles/pool/pool.ts";
import type { Stage } from "./stage.ts";

/** The sign-in bridge of a stage, as a process of its own. */
export interface StageBridge {
  /** Resolves with the status; 0 where the bridge ended before it answered. */
  signIn(user: PoolUser): Promise<number>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** The pool needs an app client that takes passwords. */
export async function startStageBridge({ pool, environment }: Stage): Promise<StageBridge> {
  const { url, kill } = await startBridgeProcess({
    ...environment,
    SPILLWAY_BRIDGE_SECRETS: SECRET,
    SPILLWAY_BRIDGE_USER_POOL: pool.poolId,
    SPILLWAY_BRIDGE_CLIENT_ID: pool.clients[0]?.id ?? "",
  });
  return {
    kill,
    async signIn({ attributes: { email }, password }) {
      const asked = call(url, "/sign-in", { email, password }, { authorization: `Bearer ${SECRET}` });
      return asked.then(
        ({ status }) => status,
        () => 0,
      );
    },
  };
}
