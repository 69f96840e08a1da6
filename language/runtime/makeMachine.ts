import type { MachineOptions } from '../simulator/api';
import { Machine } from '../simulator/machine';

export type MakeMachine = (options: MachineOptions) => Machine | { readonly error: string };

export const makeMachine: MakeMachine = (options) => Machine.create(options);
