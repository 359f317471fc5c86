/** More than any side takes; a pace over it is a mistake. */
export const MAX_PER_SECOND = 100_000;
