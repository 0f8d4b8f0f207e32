import { writeSync } from 'node:fs';
import { relative } from 'node:path';

/** The part of jest's result of a whole run that is read here. */
export interface RunResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly FileResult[];
}

interface FileResult {
  readonly testFilePath: string;
  /** Set where the file itself failed: it did not load, held no test, or threw outside of its tests. */
  readonly testExecError?: unknown;
  readonly testResults: readonly { readonly fullName: string; readonly status: string }[];
}

interface RunOptions {
  readonly rootDir: string;
  /** Set by `jest -t`: the tests it leaves out cannot be told from skipped ones, so they are only counted. */
  readonly testNamePattern?: string;
}

const LEFT_OUT = new Set(['pending', 'skipped', 'disabled', 'todo']);

/** The name of each test that was left out, then `N passed, N failed`; no skip is silent, no broken file is lost. */
export function closingLines(result: RunResult, { rootDir, testNamePattern = '' }: RunOptions): string[] {
  const skipped = result.testResults.flatMap((file) =>
    file.testResults
      .filter((test) => LEFT_OUT.has(test.status))
      .map(
        (test) =>
          `${test.status === 'todo' ? 'todo' : 'skipped'}: ${relative(rootDir, file.testFilePath)} › ${test.fullName}`,
      ),
  );
  const brokenFiles = result.testResults.filter(
    (file) => file.testExecError !== undefined && file.testExecError !== null,
  ).length;
  const failed = result.numFailedTests + brokenFiles;
  const counts = `${result.numPassedTests} passed, ${failed} failed`;
  return [
    ...(testNamePattern === '' ? skipped : []),
    skipped.length === 0 ? counts : `${counts}, ${skipped.length} skipped`,
  ];
}

/** Reporter for jest. Jest prints its summary after all other reporters are done, so the lines wait for the exit. */
export default class ClosingLine {
  private result: RunResult | undefined;

  constructor(options: RunOptions) {
    process.once('exit', () => {
      if (this.result !== undefined) writeSync(1, `${closingLines(this.result, options).join('\n')}\n`);
    });
  }

  onRunComplete(_contexts: unknown, result: RunResult): void {
    this.result = result;
  }
}
