/** Counters of the walks that compare structure. */
export const MISSING = "missing";
export const DIFFERS = "differs";
export const SURPLUS = "surplus";
/** Of what nobody here has to do with. */
export const STRANGERS = "strangers";
