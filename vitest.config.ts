import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        // As Node resolves it: vite would take the other build of it, whose types are not those that Apollo knows.
        resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
        test: {
          name: 'unit',
          include: [
            '{packages,model-factory,inference-node,attribution-engine,api,cli,contracts,dashboard,deploy,bench}/**/*.test.ts',
            'tests/*.test.ts',
          ],
          exclude: ['**/node_modules/**'],
          // A guard against hanging, far above what any test takes: speed is not what these tests are about.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // Numerics and child processes on two cores: more workers only make each other late.
          maxWorkers: 2,
        },
      },
      {
        test: {
          name: 'browser',
          include: ['tests/story/dashboard/*.dev.ts'],
          testTimeout: 300_000,
          hookTimeout: 120_000,
          maxWorkers: 1,
        },
      },
      {
        test: {
          name: 'story',
          include: ['tests/story/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          maxWorkers: 1,
          fileParallelism: false,
        },
      },
    ],
  },
})
