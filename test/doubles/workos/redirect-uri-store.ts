import { ListedStore, type Stamp } from "./listed-store.ts";

/** OpenAPI 0.61, `RedirectUri`. */
export interface WorkosRedirectUri extends Stamp {
  object: "redirect_uri";
  uri: string;
  /** The first of an environment; it cannot be deleted. */
  default: boolean;
}

export function createRedirectUriStore(): ListedStore<WorkosRedirectUri> {
  return new ListedStore({ idPrefix: "redir", keyOf: ({ uri }) => uri });
}
