import { z } from "zod";

/** AWS's own pattern and length for user pool ids (Cognito API, `UserPoolIdType`). */
const USER_POOL_ID = /^[\w-]+_[0-9a-zA-Z]+$/;
const USER_POOL_ID_MAX_LENGTH = 55;
export const userPoolId = z
  .string()
  .max(USER_POOL_ID_MAX_LENGTH)
  .regex(USER_POOL_ID, 'must be a user pool id such as "eu-west-1_AbCdEfGhI"');

/** The pool whose users go. */
export const source = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]{2,4}(-[a-z]+)+-\d$/, 'must be an AWS region such as "eu-west-1"')
    .describe('The AWS region of the pool, such as "eu-west-1".'),
  userPoolId: userPoolId.describe('The user pool, such as "eu-west-1_AbCdEfGhI".'),
});
