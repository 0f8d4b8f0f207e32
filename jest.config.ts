import type { Config } from 'jest';

const config: Config = {
  testEnvironment: '<rootDir>/test/plain-environment.ts',
  globalSetup: '<rootDir>/test/once-a-run.ts',
  testSequencer: '<rootDir>/test/longest-first.ts',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  maxWorkers: 2,
  // Beside other work on a small machine five seconds are not enough; what hangs still ends.
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/test/closing-line.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['<rootDir>/(out|dist|coverage|cdk\\.out|\\.stryker-tmp)/'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' }, experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

export default config;
