import type { ListUsersResponse } from "@aws-sdk/client-cognito-identity-provider";
import { AwsJson1_1Protocol } from "@aws-sdk/core/protocols";
import { collectCapped, MAX_USERS_BYTES } from "./capped-answers.ts";

/** Both answer with `Users`; their page tokens differ in name only. */
const PAGES: ReadonlySet<string> = new Set(["ListUsers", "ListUsersInGroup"]);

type Protocol = InstanceType<typeof AwsJson1_1Protocol>;
type Answer = Parameters<Protocol["deserializeResponse"]>;

/**
 * Cognito's protocol, with pages of users read in one go: but for its dates a page is in JSON what it is in the SDK.
 * The SDK looks up every attribute of every user in its schema and copies it, for which it takes as long as for all
 * the rest of a call.
 */
export class PlainPages extends AwsJson1_1Protocol {
  override async deserializeResponse<Output extends { $metadata: object }>(
    ...[operation, context, response]: Answer
  ): Promise<Output> {
    if (this.isErrorResponse(response.statusCode) || !PAGES.has(operation.name))
      return super.deserializeResponse(operation, context, response);
    const bytes = await collectCapped(response.body, MAX_USERS_BYTES);
    const page = readPage(new TextDecoder().decode(bytes));
    // The operation's own answer, which its command names.
    return { ...page, $metadata: this.deserializeMetadata(response) } as unknown as Output;
  }
}

/** A user as it is sent: dates are in seconds. */
interface SentUser {
  UserCreateDate?: number | Date;
  UserLastModifiedDate?: number | Date;
}

function readPage(json: string): ListUsersResponse {
  const page: { Users?: SentUser[] | null } | null = JSON.parse(json);
  for (const user of page?.Users ?? []) {
    for (const name of ["UserCreateDate", "UserLastModifiedDate"] as const) {
      const seconds = user[name];
      if (typeof seconds === "number") user[name] = new Date(Math.round(seconds * 1_000));
    }
  }
  return (page ?? {}) as ListUsersResponse;
}
