import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkup, type Checkup } from '../../../../../services/command-line/commands/doctor/ailment.ts';
import { checkupText } from '../../../../../services/command-line/commands/doctor/checkup-text.ts';
import { runMain, SAMPLE } from '../../program.ts';
import { scratch } from '../../scratch.ts';
import { INVENTORY, logOf, recordLine } from '../../small-account.ts';

const folder = scratch();
const ON_SAMPLE = ['doctor', '--inventory', join(SAMPLE, 'inventory'), '--logs', join(SAMPLE, 'logs')];

describe('the sample', () => {
  test('for people: sentences within 80 columns, each command in one line', async () => {
    const { status, stdout, stderr } = await runMain(ON_SAMPLE);
    expect([status, stderr]).toEqual([0, '']);
    const lines = stdout.split('\n');
    expect(lines.filter((line) => line.length > 80 && !line.startsWith('  $ '))).toEqual([]);
    expect(lines).toContain('To mend next, for a surer answer (5)');
    expect(stdout).toMatch(/^Logs {7}75 files, 0\.1 MB: 2026-01-12 to 2026-01-14, 3 of 3 days whole$/m);
    expect(stdout).toMatch(/\n {2}\$ aws ec2 create-flow-logs .*\n[^$]*\n {2}\$ as above\n/);
    expect(stdout).toMatch(/\n7 findings\.\n$/);
  });

  test('for programs: by the schema', async () => {
    const { status, stdout } = await runMain([...ON_SAMPLE, '--json']);
    expect(status).toBe(0);
    const parsed = checkup.parse(JSON.parse(stdout));
    expect(parsed.ailments.map(({ kind }) => kind)).toEqual([
      'lacksFlags',
      'lacksPacketAddresses',
      'lacksDirection',
      'fewerThan30Days',
      'listsWithoutEntries',
      'lacksVpcId',
      'inventoryProblems',
    ]);
  });
});

test('text of others reaches no terminal as it is', async () => {
  const evil = 'vpc-\u202e\u0085';
  await folder.write({
    ...INVENTORY,
    'logs/a.log': logOf(recordLine(1)).replace('log-status', 'log-status vpc-id').replace(/OK$/m, `OK ${evil}`),
  });
  const args = ['doctor', '--inventory', folder.path('inventory'), '--logs', folder.path('logs')];
  const { status, stdout } = await runMain(args);
  expect(status).toBe(0);
  expect(stdout).toContain('1 VPC that the inventory does not have');
  expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
});

describe('wrong usage', () => {
  test.each([
    [['doctor']],
    [['doctor', '--inventory', 'x']],
    [['doctor', '--logs', 'x']],
    [['doctor', '--tables', 'x', '--inventory', 'x', '--logs', 'x']],
  ])('%j', async (args) => {
    const { status, stdout, stderr } = await runMain(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: give --inventory and --logs, or --config, or --tables/);
  });

  test('what is not there fails, by its name', async () => {
    await folder.write(INVENTORY);
    const { status, stderr } = await runMain(['doctor', '--inventory', folder.path('inventory'), '--logs', 'nowhere']);
    expect([status, stderr]).toEqual([1, 'stale-sg: nowhere: no such file or folder\n']);
  });
});

test('nothing to find', () => {
  const well: Checkup = {
    schemaVersion: 1,
    of: 'input',
    facts: [{ name: 'Logs', value: '1 file' }],
    ailments: [],
    next: null,
  };
  expect(checkupText(well)).toBe('Logs  1 file\n\nNothing is missing.\n');
});
