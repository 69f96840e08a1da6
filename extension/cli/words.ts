/** `1 step`, `31 steps`, `630,378,496 steps`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

export function grouped(value: number | bigint | string): string {
  return String(typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}
