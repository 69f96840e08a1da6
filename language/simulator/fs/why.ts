/** Sentences that say why a call on files fails. */
export const errorMessage = {
  noMount: (path: string): string => `there is no file ${path}: nothing is mounted at or above it`,
  noDirectory: (path: string, parent: string): string => `there is no file ${path}: the directory ${parent} does not exist`,
  noFile: (path: string): string => `there is no file ${path}`,
  badFd: (fd: number): string => `descriptor ${fd} is not open in this process`,
} as const;
