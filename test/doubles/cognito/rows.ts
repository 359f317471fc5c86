import type { Pool, PoolUser } from "../pool/pool.ts";
import type { Options } from "./options.ts";

/** The double's answers in AWS's words: `UserType` and `UserPoolType`. */

export const ACCOUNT_ID = "123456789012";

/** AWS JSON 1.1 writes times as seconds with a fraction. */
export const seconds = (ms: number) => ms / 1_000;

export function renderUser(user: PoolUser, attributes = Object.keys(user.attributes)) {
  return {
    Username: user.username,
    Attributes: attributes.map((Name) => ({ Name, Value: user.attributes[Name] })),
    UserCreateDate: seconds(user.createdAtMs),
    UserLastModifiedDate: seconds(user.modifiedAtMs),
    Enabled: user.enabled,
    UserStatus: user.status,
  };
}

export function renderPool(pool: Pool, { tokenIssuer }: Pick<Options, "tokenIssuer">) {
  return {
    Id: pool.poolId,
    Name: pool.name,
    Arn: `arn:aws:cognito-idp:${pool.region}:${ACCOUNT_ID}:userpool/${pool.poolId}`,
    CreationDate: seconds(pool.createdAtMs),
    LastModifiedDate: seconds(pool.createdAtMs),
    EstimatedNumberOfUsers: pool.estimatedUsers ?? pool.users.length,
    // Cognito gives one of the two, never both.
    ...(pool.usernameAttributes.length > 0 && { UsernameAttributes: pool.usernameAttributes }),
    ...(pool.aliasAttributes.length > 0 && { AliasAttributes: pool.aliasAttributes }),
    UsernameConfiguration: { CaseSensitive: pool.caseSensitiveUsernames },
    SchemaAttributes: pool.attributeNames.map(renderAttribute),
    AutoVerifiedAttributes: ["email"],
    MfaConfiguration: pool.mfa,
    LambdaConfig: pool.lambdaConfig,
    ...(pool.domain !== null && { Domain: pool.domain }),
    ...(pool.customDomain !== null && { CustomDomain: pool.customDomain }),
    IssuerConfiguration: { Type: tokenIssuer === "aws_updated" ? "UPDATED" : "ORIGINAL" },
    DeletionProtection: "ACTIVE",
    UserPoolTier: "ESSENTIALS",
    UserPoolTags: {},
    Policies: {
      PasswordPolicy: {
        MinimumLength: 8,
        RequireUppercase: true,
        RequireLowercase: true,
        RequireNumbers: true,
        RequireSymbols: true,
        TemporaryPasswordValidityDays: 7,
      },
    },
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: false, UnusedAccountValidityDays: 7 },
    EmailConfiguration: { EmailSendingAccount: "COGNITO_DEFAULT" },
    AccountRecoverySetting: { RecoveryMechanisms: [{ Priority: 1, Name: "verified_email" }] },
  };
}

function renderAttribute(name: string) {
  const type = TYPES[name] ?? "String";
  return {
    Name: name,
    AttributeDataType: type,
    DeveloperOnlyAttribute: name.startsWith("dev:"),
    Mutable: name !== "sub",
    Required: name === "sub",
    ...(type === "String" && { StringAttributeConstraints: { MinLength: "0", MaxLength: "2048" } }),
    ...(type === "Number" && { NumberAttributeConstraints: { MinValue: "0" } }),
  };
}

const TYPES: Record<string, string> = {
  email_verified: "Boolean",
  phone_number_verified: "Boolean",
  updated_at: "Number",
};
