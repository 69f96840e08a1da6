/**
 * Where a scenario's addresses lie in a real process. The program itself and its libraries are at 0x55… to 0x57… and from 0x7… up; what the
 * simulator maps there is moved by a multiple of 512 GiB, so that it needs the same page tables and lies alike in every table.
 */
const MOVED = [
  { from: 0x7000_0000_0000n, to: 0x8000_0000_0000n, by: 0x1000_0000_0000n },
  { from: 0x5500_0000_0000n, to: 0x5800_0000_0000n, by: 0x1000_0000_0000n },
] as const;

/** Where the C program has what the simulator has at `address`. */
export function realAddress(address: bigint): bigint {
  const zone = MOVED.find(({ from, to }) => address >= from && address < to);
  return zone === undefined ? address : address - zone.by;
}

/** The simulator's address of what the C program has at `address`. */
export function scenarioAddress(address: bigint): bigint {
  const zone = MOVED.find(({ from, to, by }) => address >= from - by && address < to - by);
  return zone === undefined ? address : address + zone.by;
}

export const hex = (address: bigint | number): string => `0x${address.toString(16)}`;
