import { parseArgs } from "node:util";
import { CognitoIdentityProviderClient, paginateListUsers } from "@aws-sdk/client-cognito-identity-provider";

/** What the AWS SDK alone can do: the whole pool, page after page. */

const PAGE_SIZE = 60;

const { values } = parseArgs({
  options: { region: { type: "string", default: "" }, pool: { type: "string", default: "" } },
});

const client = new CognitoIdentityProviderClient({ region: values.region });
let users = 0;
const startMs = performance.now();
for await (const page of paginateListUsers({ client, pageSize: PAGE_SIZE }, { UserPoolId: values.pool }))
  users += page.Users?.length ?? 0;
console.log(JSON.stringify({ elapsedMs: performance.now() - startMs, users }));
client.destroy();
