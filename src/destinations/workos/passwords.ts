import type { WorkOS } from "@workos-inc/node";
import type { Secret } from "../../secrets/secret.ts";
import type { SetPasswordAnswer } from "../sign-in.ts";
import { called } from "./called.ts";

/** OpenAPI 0.61, `PUT /user_management/users/{id}`, 400. */
const TOO_WEAK = "password_strength_error";

/** Sets a password; WorkOS judges it by the rules of its dashboard. Setting the same one again does no harm. */
export async function setPassword(
  client: WorkOS,
  userId: string,
  password: Secret,
): Promise<SetPasswordAnswer> {
  const answer = await called(() =>
    client.userManagement.updateUser({ userId, password: password.reveal() }),
  );
  if (answer.ok) return { kind: "set" };
  const { failure } = answer;
  switch (failure.kind) {
    case "slow_down":
      return failure;
    case "rejected":
      return isWeakness(failure) ? { kind: "too_weak" } : { kind: "outage", code: failure.code };
    case "access_lost":
    case "unknown":
      return { kind: "outage", code: failure.code };
    default:
      return { kind: "outage", code: failure.kind };
  }
}

/** Its `errors` name the rules, so that the word of the failure may be that of a rule. */
function isWeakness({ code, message }: { code: string; message: string }): boolean {
  return code === TOO_WEAK || code.startsWith("password_") || message.includes(TOO_WEAK);
}
