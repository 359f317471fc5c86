import { isIP } from "node:net";
import { z } from "zod";
import { userPoolId } from "./inputs.ts";

/** Members and constraints as in AWS's service model of `cognito-idp` 2016-04-18. */

const text = z.string().max(131_072);
const ipAddress = text.refine((value) => isIP(value) > 0, "Member must be an IP address");
const texts = z.record(text, text);

const signInMembers = {
  AuthFlow: z.enum([
    "USER_SRP_AUTH",
    "REFRESH_TOKEN_AUTH",
    "REFRESH_TOKEN",
    "CUSTOM_AUTH",
    "ADMIN_NO_SRP_AUTH",
    "USER_PASSWORD_AUTH",
    "ADMIN_USER_PASSWORD_AUTH",
    "USER_AUTH",
  ]),
  AuthParameters: texts.optional(),
  ClientMetadata: texts.optional(),
  ClientId: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[\w+]+$/),
  AnalyticsMetadata: z.strictObject({ AnalyticsEndpointId: text.optional() }).optional(),
  Session: z.string().min(20).max(4_096).optional(),
};

export const initiateAuthInput = z.strictObject({
  ...signInMembers,
  UserContextData: z
    .strictObject({ IpAddress: ipAddress.optional(), EncodedData: text.optional() })
    .optional(),
});

export const adminInitiateAuthInput = z.strictObject({
  UserPoolId: userPoolId,
  ...signInMembers,
  ContextData: z
    .strictObject({
      IpAddress: ipAddress,
      ServerName: text,
      ServerPath: text,
      HttpHeaders: z.array(z.strictObject({ headerName: text.optional(), headerValue: text.optional() })),
      EncodedData: text.optional(),
    })
    .optional(),
});
