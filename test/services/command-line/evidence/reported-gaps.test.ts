/** What the logs of a report could not show of rules, and that `simulate` then ends with a status of its own. */
import { describe, expect, test } from '@jest/globals';
import { reportedGaps } from '../../../../services/command-line/evidence/reported-gaps.ts';
import { INVENTORY, logOf, recordLine } from '../small-account.ts';
import { runMain } from '../program.ts';
import { scratch } from '../scratch.ts';

const folder = scratch();

function report(more: object = {}): object {
  return {
    schemaVersion: 1,
    records: { malformed: 0 },
    unknownInterfaces: { distinct: 0, sample: [] },
    rules: [
      { ruleId: 'sgr-1', verdict: { kind: 'active' }, why: 'used', possibleTimes: 0 },
      { ruleId: 'sgr-kept', verdict: { kind: 'exempt' }, why: 'kept by ops', possibleTimes: 0 },
      { ruleId: 'sgr-new', verdict: { kind: 'tooYoung' }, why: 'made yesterday', possibleTimes: 0 },
      { ruleId: 'sgr-unused', verdict: { kind: 'stale' }, why: 'not used', possibleTimes: 0 },
      { ruleId: 'sgr-streamed', verdict: { kind: 'active' }, why: 'used today', possibleTimes: 0 },
      { ruleId: 'sgr-2', verdict: { kind: 'notObserved' }, why: 'not watched', possibleTimes: 4 },
    ],
    ...more,
  };
}

async function gapsOf(content: unknown, ...ruleIds: string[]): Promise<string[] | undefined> {
  await folder.write({ 'usage.json': content });
  return reportedGaps(folder.path('usage.json'), new Set(ruleIds), new Set(['sgr-1']));
}

describe('a report says what was not seen', () => {
  const unknown = (distinct: number): object => ({
    unknownInterfaces: { distinct, sample: ['eni-1', 'eni-2', 'eni-3', 'eni-4', 'eni-5', 'eni-6'].slice(0, distinct) },
  });
  test.each<[string, object, string, string[]]>([
    ['nothing', report(), 'sgr-1', []],
    ['of a rule that was not observed', report(), 'sgr-2', ['whether sgr-2 is used: not watched']],
    [
      'of a rule that is kept, since logs may not show it',
      report(),
      'sgr-kept',
      ['whether sgr-kept is needed: kept by ops'],
    ],
    ['of a rule that is new', report(), 'sgr-new', ['whether sgr-new is needed: made yesterday']],
    ['of one that is not used nothing', report(), 'sgr-unused', []],
    [
      'of one whose use the evidence does not have',
      report(),
      'sgr-streamed',
      ['what used sgr-streamed: no service flow of these days tells, and yet used today'],
    ],
    [
      'lines that could not be read',
      report({ records: { malformed: 7 } }),
      'sgr-1',
      ['lines that could not be read: 7'],
    ],
    ['unknown interfaces, which may have used other rules', report(unknown(1)), 'sgr-1', []],
    [
      'unknown interfaces, which may have used the rule',
      report(unknown(1)),
      'sgr-2',
      ['whether sgr-2 is used: not watched', 'flows of interfaces that are not in the inventory: eni-1'],
    ],
    [
      'many of them',
      report({ ...unknown(8) }),
      'sgr-2',
      [
        'whether sgr-2 is used: not watched',
        'flows of interfaces that are not in the inventory: eni-1, eni-2, eni-3, eni-4, eni-5 and 3 more',
      ],
    ],
  ])('%s', async (_, content, ruleId, lines) => {
    expect(await gapsOf(content, ruleId)).toEqual(lines);
  });

  test('without a report there is nothing to tell; another file is refused', async () => {
    expect(await reportedGaps(folder.path('none.json'), new Set(['sgr-1']), new Set())).toBeUndefined();
    await expect(gapsOf({ schemaVersion: 2 }, 'sgr-1')).rejects.toThrow('no usage.json that this version reads');
  });
});

test.each([
  [3, 'nothing that was seen would be cut', recordLine(1).replace('ACCEPT', 'REJECT')],
  [0, 'flows that would be cut are told already', recordLine(1)],
])('simulate ends with status %d where the logs cannot show all of it, and %s', async (status, _why, line) => {
  await folder.write({ ...INVENTORY, 'logs/a.log': logOf(line, 'nonsense') });
  const [inventory, logs, out] = ['inventory', 'logs', 'out'].map((name) => folder.path(name)) as [
    string,
    string,
    string,
  ];
  expect((await runMain(['analyze', '--inventory', inventory, '--logs', logs, '--out', out])).status).toBe(0);
  const run = await runMain(['simulate', '--remove', 'sgr-1', '--evidence', out, '--inventory', inventory]);
  expect([run.status, run.stderr]).toEqual([
    status,
    expect.stringMatching(/^stale-sg: the logs cannot show all of it: .*lines that could not be read: 1\n$/),
  ]);
  expect(run.stdout).toContain(status === 3 ? 'Nothing seen would lose its last rule' : 'Would lose their last rule');
});
