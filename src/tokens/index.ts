export {
  type Claims,
  type Issuer,
  REFUSALS,
  type RefusalReason,
  type RefusedToken,
  type TokenUse,
  type VerifiedToken,
} from "./answers.ts";
export type { CognitoTokens } from "./cognito.ts";
export { type IdMap, idMapFromCsv } from "./id-map.ts";
export type { KeyLimits } from "./key-set.ts";
export { createTokenVerifier, type TokenVerifier, type TokenVerifierOptions } from "./verifier.ts";
export type { ConnectTokens, WorkosTokens } from "./workos.ts";
