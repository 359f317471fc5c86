/** Cognito's largest page (API reference, ListUsers and ListUsersInGroup, `Limit`). */
export const PAGE_SIZE = 60;
