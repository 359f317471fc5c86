/** Used without SPILLWAY_MAIL_TEMPLATE; also the example of what such a file looks like. */
export const DEFAULT_TEMPLATE = `Subject: Please set a new password

Hello,

We have moved to a new sign-in service. Your account came along, but your password could not.

To sign in again, please choose a new password here:

{{link}}

The link works until {{expires}}. It is for you alone: please do not forward this mail.
`;
