import { describe, expect, test } from '@jest/globals';
import { closingLines, type RunResult } from './closing-line.ts';

const file = (tests: Record<string, string>, testExecError?: unknown): RunResult['testResults'][number] => ({
  testFilePath: '/checkout/test/rule.test.ts',
  testExecError,
  testResults: Object.entries(tests).map(([fullName, status]) => ({ fullName, status })),
});

const run = (...testResults: RunResult['testResults']): RunResult => {
  const having = (status: string) =>
    testResults.flatMap((f) => f.testResults).filter((t) => t.status === status).length;
  return { numPassedTests: having('passed'), numFailedTests: having('failed'), testResults };
};

describe('closing line', () => {
  test.each<[why: string, RunResult, lines: string[]]>([
    ['all passed', run(file({ a: 'passed', b: 'passed' })), ['2 passed, 0 failed']],
    ['one failed', run(file({ a: 'passed', b: 'failed' })), ['1 passed, 1 failed']],
    [
      'a file that did not load is a failure',
      run(file({ a: 'passed' }), file({}, new Error('syntax'))),
      ['1 passed, 1 failed'],
    ],
    [
      'an error beside the tests of a file is a failure too',
      run(file({ a: 'passed' }, 'afterAll threw')),
      ['1 passed, 1 failed'],
    ],
    [
      'whatever is left out is named',
      run(file({ a: 'passed', b: 'pending', c: 'todo' })),
      ['skipped: test/rule.test.ts › b', 'todo: test/rule.test.ts › c', '1 passed, 0 failed, 2 skipped'],
    ],
  ])('%s', (_why, result, lines) => {
    expect(closingLines(result, { rootDir: '/checkout' })).toEqual(lines);
  });

  test('tests left out by a name pattern are counted, not listed', () => {
    const result = run(file({ a: 'passed', b: 'pending' }));
    expect(closingLines(result, { rootDir: '/checkout', testNamePattern: 'a' })).toEqual([
      '1 passed, 0 failed, 1 skipped',
    ]);
  });
});
