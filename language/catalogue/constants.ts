import { errno } from './constants/errno';
import { fileConstants } from './constants/files';
import { memoryConstants } from './constants/memory';
import { signals } from './constants/signals';
import type { Constant } from './types';

/** Every upper-case name of the language: value on x86-64 and the groups it belongs to. */
export const constants = { ...fileConstants, ...memoryConstants, ...errno, ...signals } as const satisfies Record<string, Constant>;

export type ConstantName = keyof typeof constants;
export type Signal = keyof typeof signals;
export { errno, signals };
