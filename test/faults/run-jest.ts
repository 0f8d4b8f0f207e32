/**
 * Child of `jest-process.ts`: is sent suites, and answers whether all of their tests pass. At the first that does not, jest
 * ends the process with `FAILED`.
 */
import { runCLI } from 'jest';
import { FAILED } from './jest-process.ts';

async function passes(suites: string[]): Promise<boolean> {
  const options = {
    _: suites,
    $0: 'jest',
    runInBand: true,
    silent: true,
    reporters: [],
    bail: 1,
    testFailureExitCode: String(FAILED),
  };
  const { results } = await runCLI(options, [process.cwd()]);
  return results.success && results.numPassedTests > 0;
}

process.on('message', (suites: string[]) => {
  passes(suites).then(
    (passed) => process.send!(passed),
    () => process.exit(1),
  );
});
// What tests leave behind may fail after their end.
process.on('unhandledRejection', () => {});
