/** The LRU lists (classic active/inactive; MGLRU is not modelled), by number, and the counter of each. */
export const LRU = { INACTIVE_ANON: 1, ACTIVE_ANON: 2, INACTIVE_FILE: 3, ACTIVE_FILE: 4, UNEVICTABLE: 5 } as const;

export type LruList = (typeof LRU)[keyof typeof LRU];
