import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { WorkosDoubleOptions } from "./options.ts";

/** An answer that is not the one hoped for; `body` is sent as it is. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: ContentfulStatusCode;
  readonly body: Readonly<Record<string, unknown>>;

  constructor(status: ContentfulStatusCode, body: Readonly<Record<string, unknown>>) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

export const notFound = (what: string) => new ApiError(404, { message: `${what} not found.` });

export const invalidRequest = (message: string) =>
  new ApiError(422, { code: "invalid_request_parameters", message });

export const unprocessable = (message: string) => new ApiError(422, { message });

export const invalidQuery = (message: string) => unprocessable(message);

export const conflict = (message: string) => new ApiError(409, { message });

export const codedError = (status: ContentfulStatusCode, code: string, message: string) =>
  new ApiError(status, { code, message });

export const invalidMetadata = (message: string) => new ApiError(400, { code: "invalid_metadata", message });

export const creationError = (code: string, message: string) =>
  new ApiError(400, {
    code: "user_creation_error",
    message: "Could not create user.",
    errors: [{ code, message }],
  });

export const updateError = (code: string, message: string) => codedError(400, code, message);

/** What stands in the way of a create. */
export function duplicateError(code: string, message: string, style: WorkosDoubleOptions["duplicateStyle"]) {
  if (style === "conflict409") return new ApiError(409, { code: "user_already_exists", message });
  return creationError(code, message);
}
