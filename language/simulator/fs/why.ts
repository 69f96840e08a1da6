/** Sentences that say why a call on files fails. */
export const errorMessage = {
  noMount: (path: string, folder: string): string => `there is no file ${path}: ${errorMessage.unmounted('it', folder)}`,
  unmounted: (what: string, folder: string): string => `nothing is mounted at or above ${what}: say mount xfs at "${folder}" first`,
  noDirectory: (path: string, parent: string): string => `there is no file ${path}: the directory ${parent} does not exist`,
  noFile: (path: string): string => `there is no file ${path}`,
  badFd: (fd: number): string => `descriptor ${fd} is not open in this process`,
} as const;
