import {defineConfig} from 'vitest/config';

// The tests lie in the tree of all tests, their packages here.
const packages = ['vitest', 'playwright-core', 'puppeteer-core', 'ws'];

export default defineConfig({
  root: '..',
  resolve: {
    alias: packages.map((name) => ({
      find: new RegExp(`^${name}$`),
      replacement: new URL(`node_modules/${name}`, import.meta.url).pathname,
    })),
  },
  test: {
    include: ['tests/browser/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
