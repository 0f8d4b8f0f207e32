import { keepEvidence } from '../../evidence/keep-evidence.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { EvidenceWriter } from '../../../../../services/command-line/evidence/evidence-writer.ts';
import { findLogFiles } from '../../../../../services/command-line/files/find-log-files.ts';
import { readInventory } from '../../../../../services/command-line/files/read-inventory.ts';
import { awsRule } from '../../../../shared/inventory/aws-shorthand.ts';
import { INVENTORY, logOf, recordLine } from '../../small-account.ts';
import { runMain, SAMPLE, type Run } from '../../program.ts';
import { scratch } from '../../scratch.ts';

jest.setTimeout(60_000);
const folder = scratch('block');
const SAMPLE_INVENTORY = join(SAMPLE, 'inventory');
const rule = (end: string): string => `sgr-0a1b2c3d4e5f${end}`;

beforeAll(async () => {
  await keep(SAMPLE_INVENTORY, join(SAMPLE, 'logs'), 'out');
});

/** The evidence that `analyze` keeps. */
async function keep(inventoryFolder: string, logs: string, out: string): Promise<void> {
  const inventory = await readInventory(inventoryFolder);
  const writer = new EvidenceWriter(folder.path(`${out}/evidence`), inventory.rules);
  await keepEvidence(writer, (await findLogFiles([logs])).files, inventory);
}

const withSample = (args: readonly string[]): Promise<Run> =>
  runMain([...args, '--evidence', folder.path('out'), '--inventory', SAMPLE_INVENTORY]);
const simulate = (...args: string[]): Promise<Run> => withSample(['simulate', '--remove', ...args]);
const explain = (...args: string[]): Promise<Run> => withSample(['explain', ...args]);

interface Told {
  readonly flows: number;
  readonly requests: number;
  readonly top: readonly { readonly peer: string; readonly requests: number; readonly ruleIds: readonly string[] }[];
}
interface Simulation {
  readonly daysOfEvidence: number;
  readonly daysWithout: readonly string[];
  readonly lost: Told;
  readonly possible: Told;
}
async function simulated(...args: string[]): Promise<Simulation> {
  return JSON.parse((await simulate(...args, '--json')).stdout) as Simulation;
}

describe('simulate', () => {
  test('the only rule of a service: all its flows, worst first', async () => {
    const { lost, daysOfEvidence, daysWithout } = await simulated(rule('60101'));
    expect([daysOfEvidence, daysWithout]).toEqual([3, []]);
    expect([lost.flows, lost.requests, lost.top.length]).toEqual([19, 24, 19]);
    const requests = lost.top.map((flow) => flow.requests);
    expect(requests).toEqual(requests.toSorted((a, b) => b - a));
    const { status, stdout } = await simulate(rule('60101'), '--limit', '3');
    expect(status).toBe(0);
    expect(stdout).toContain('Would lose their last rule: 19 service flows, 24 requests, 24 replies');
    expect(stdout).toContain('in tcp 443 │    19 │          2 │');
    expect(stdout).toContain('… and 16 more');
  });

  test('a rule of which nothing was seen: done, and no proof', async () => {
    const { status, stdout } = await simulate(rule('60103'), '--from', '2026-01-10', '--to', '2026-01-14');
    expect(status).toBe(0);
    expect(stdout).toContain('none of 2 days between: 2026-01-10, 2026-01-11');
    expect(stdout).toContain(
      'Nothing seen would lose its last rule, over 3 days of evidence; that is no proof for what was not seen.',
    );
  });

  test('ids by commas, by blanks, twice: one removal', async () => {
    const ids = [rule('60101'), rule('60105')];
    const whole = await simulated(ids.join(','));
    expect(await simulated(...ids, ids[0]!)).toEqual(whole);
  });

  test.each([
    [
      ['--remove', `${rule('60101')},sgr-none,sgr-\u001b[31m`],
      1,
      /no such rule in the inventory: sgr-none, "sgr-.*31m"\n$/,
    ],
    [['--remove', ','], 2, /Give ids/],
    [[], 2, /required option '--remove/],
    [['--remove', 'sgr-1', '--tables', 'x'], 2, /cannot be used with/],
    [['--remove', rule('60101'), '--from', '2027-01-01'], 1, /no day of evidence in this range; it has 3 days/],
    [['--remove', rule('60101'), '--from', '2027-01-32'], 2, /Give a da/],
  ])('%j ends with %d', async (args, status, message) => {
    const run = await withSample(['simulate', ...args]);
    expect([run.status, run.stdout]).toEqual([status, '']);
    expect(run.stderr).toMatch(message);
  });

  test('without a place it is wrong usage; without rules it says what to give', async () => {
    expect(await runMain(['simulate', '--remove', 'sgr-1'])).toMatchObject({ status: 2 });
    const run = await runMain(['simulate', '--remove', 'sgr-1', '--evidence', folder.path('out')]);
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining('give --inventory DIR')]);
  });
});

describe('rules are their content', () => {
  /** One account whose one rule was edited or made again after the logs. */
  const account = async (name: string, ...rules: object[]): Promise<Run> => {
    const files = Object.fromEntries(Object.entries(INVENTORY).map(([path, file]) => [`${name}/${path}`, file]));
    await folder.write({ ...files, [`${name}/logs/a.log`]: logOf(recordLine(1), recordLine(2)) });
    await keep(folder.path(`${name}/inventory`), folder.path(`${name}/logs`), name);
    await folder.write({ [`${name}/inventory/security-group-rules.json`]: { SecurityGroupRules: rules } });
    const now = folder.path(`${name}/inventory`);
    const ids = rules.map((one) => (one as { SecurityGroupRuleId: string }).SecurityGroupRuleId);
    return runMain(['simulate', '--remove', ids[0]!, '--evidence', folder.path(name), '--inventory', now]);
  };
  const same = awsRule('in tcp 443 0.0.0.0/0');

  test('made again under another id, it is the same', async () => {
    const { stdout } = await account('renamed', { ...same, SecurityGroupRuleId: 'sgr-other' });
    expect(stdout).toContain('Would lose their last rule: 1 service flow, 2 requests');
  });

  test('edited in place, it carried nothing as it reads now', async () => {
    const { stdout } = await account('edited', { ...awsRule('in tcp 444 0.0.0.0/0') });
    expect(stdout).toContain('Nothing seen would lose its last rule');
  });

  test('names of others do no harm to the terminal', async () => {
    const evil = 'web\u001b[31m\u202e\nsecond line';
    const { stdout } = await account('hostile', { ...same, Description: evil });
    const inventory = folder.path('hostile/inventory');
    const [known] = (await readInventory(inventory)).rules;
    const run = await runMain([
      'explain',
      known!.ruleId,
      '--evidence',
      folder.path('hostile'),
      '--inventory',
      inventory,
    ]);
    expect(run.status).toBe(0);
    expect(run.stdout + stdout).not.toMatch(/[\u001b\u202e]/);
    // Nor do they make a line of their own, which could say anything.
    expect(run.stdout).toContain('second line');
    expect(run.stdout).not.toMatch(/^second line/m);
  });
});

describe('explain', () => {
  test('a rule: what it admits, who carries it, what was seen, and who is primary', async () => {
    const { status, stdout } = await explain(rule('60101'), '--limit', '1');
    expect(status).toBe(0);
    expect(stdout).toContain(`${rule('60101')}  in tcp 443 from 0.0.0.0/0`);
    expect(stdout).toContain('Carried by  2 interfaces');
    expect(stdout).toContain('Admitted    19 service flows, 24 requests, 24 replies');
    expect(stdout).toContain(`primary is ${rule('60101')}: it alone admits the flow`);
    expect(stdout).toContain('… and 18 more');
  });

  test('a flow, with records of it: file and line are right', async () => {
    const flow = 'eni-0a1b2c3d4e5f60001 in tcp 203.0.113.177 443';
    const logs = join(SAMPLE, 'logs');
    const { stdout } = await explain('--flow', flow, '--logs', logs, '--json');
    const { now, seen, samples } = JSON.parse(stdout) as {
      now: { primary: string };
      seen: { flow: { requests: number; replies: number } };
      samples: { file: string; line: number; record: string }[];
    };
    expect([now.primary, seen.flow.requests, seen.flow.replies]).toEqual([rule('60101'), 2, 2]);
    expect(samples).toHaveLength(4);
    for (const { file, line, record } of samples) {
      const text = readFileSync(file, 'utf8').split('\n')[line - 1]!;
      const [from, to] = [/^(\S+):\d+ >/, /> (\S+):\d+ /].map((part) => part.exec(record)![1]!);
      expect(text.split(' ')).toEqual(expect.arrayContaining([from, to, 'ACCEPT']));
    }
  });

  test('a flow that was never seen says so, and that this is no proof', async () => {
    const { stdout } = await explain('--flow', 'eni-0a1b2c3d4e5f60001 out udp 192.0.2.1 9');
    expect(stdout).toContain('Never seen on these days; that is no proof that it never was.');
  });

  test('an interface that the inventory does not have', async () => {
    const run = await runMain(['explain', '--flow', 'eni-0none in tcp 192.0.2.1 9', '--inventory', SAMPLE_INVENTORY]);
    expect([run.status, run.stdout]).toEqual([0, expect.stringContaining('eni-0none is not in the inventory')]);
  });

  test.each([
    ['x in tcp 192.0.2.1 1', 'interface x'],
    ['eni-1 by tcp 192.0.2.1 1', 'direction by'],
    ['eni-1 in tpc 192.0.2.1 1', 'protocol tpc'],
    ['eni-1 in 256 192.0.2.1 1', 'protocol 256'],
    ['eni-1 in tcp 192.0.2.256 1', 'peer 192.0.2.256'],
    ['eni-1 in tcp 192.0.2.1 65536', 'port 65536'],
    ['eni-1 in tcp 192.0.2.1', 'port -'],
    ['eni-1 in icmp 192.0.2.1 8', 'port 8'],
    ['eni-1 in tcp 192.0.2.1 1 2', 'what follows the port 2'],
    ['eni-1 in tcp \u001b[31m 1', 'peer "\\u001b[31m"'],
  ])('the flow %j: what is wrong is named', async (flow, part) => {
    const { status, stderr } = await explain('--flow', flow);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`--flow: ${part} cannot be read`)]);
  });

  test('neither rule nor flow, or both, is wrong usage', async () => {
    expect(await explain()).toMatchObject({ status: 2 });
    expect(await explain('sgr-1', '--flow', 'eni-1 in tcp 192.0.2.1 1')).toMatchObject({ status: 2 });
  });
});
