import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/host/**', 'test/browser/**'],
          testTimeout: 60_000,
          globalSetup: 'test/temporary.ts',
        },
      },
      { test: { name: 'live', include: ['test/live/**/*.live.ts'] } },
      {
        test: { name: 'browser', include: ['test/browser/*.test.ts'], fileParallelism: false, testTimeout: 120_000, hookTimeout: 120_000 },
      },
    ],
  },
});
