/** Runs of a property test: MMSCN_RUNS multiplies them, for a longer search or a quick look. `npm test` takes half, so that it stays short. */
export const runs = (usual: number): number => Math.max(1, Math.round(usual * Number(process.env.MMSCN_RUNS ?? 1)));
