export const PAGE_SIZE = 4096;

/** Pages that `bytes` take up, the last one counted whole. */
export const pagesOf = (bytes: number): number => Math.ceil(bytes / PAGE_SIZE);

/** First address above user space, in pages (47 bits, `TASK_SIZE_MAX` without its guard page). */
export const TASK_PAGES = 2 ** 35;
