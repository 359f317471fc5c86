import { type RegisteredVendor, register } from "../../src/destinations/registry.ts";
import { workos } from "../../src/destinations/workos/index.ts";
import { SIGN_IN_CONTRACTS } from "../../src/domain/sign-in-contracts.ts";

/** As WorkOS, at whose double it is; but it also asks the bridge about passwords, in every way there is. */
export const asking: RegisteredVendor = register({
  ...workos,
  facts: { ...workos.facts, signInContracts: SIGN_IN_CONTRACTS },
});
