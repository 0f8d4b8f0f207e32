/** A check that could not look must not end like one that found nothing. */
import { describe, expect, test } from '@jest/globals';
import { HEADER, INVENTORY, logOf, recordLine } from '../../small-account.ts';
import { runMain, type Run } from '../../program.ts';
import { scratch, type Files } from '../../scratch.ts';

const folder = scratch();
const PLAN = { schemaVersion: 1, stages: [{ number: 1, removals: [{ rule: { ruleId: 'sgr-1' } }] }] };
const REJECTED = recordLine(30, 'REJECT');
/** A whole day was heard. */
const HOURS = Array.from({ length: 24 }, (_, hour) => recordLine(30 + 60 * hour));
const HARMLESS = REJECTED.replace(' 443 ', ' 22 ');

async function check(log: string, files: Files = {}, ...more: string[]): Promise<Run> {
  await folder.write({ ...INVENTORY, 'plan.json': PLAN, 'logs/a.log': log, ...files });
  const given = more.map((text) => text.replace('FOLDER', folder.path('')));
  return runMain([
    'check-plan',
    ...['--plan', folder.path('plan.json'), '--stage', '1', '--inventory', folder.path('inventory')],
    ...['--logs', folder.path('logs'), '--since', '2026-01-12T00:10:00', ...given],
  ]);
}

const NOTHING = 'stale-sg: nothing was found, and not all could be: ';

describe('nothing was found, and not all could be', () => {
  test.each<[string, string, string]>([
    [
      'logs of accepted traffic alone',
      logOf(...HOURS),
      'not one rejected record was read: perhaps these flow logs record none',
    ],
    ['an hour of a day', logOf(HARMLESS), 'of 24 hours, records were read of 1 only'],
    ['lines that cannot be read', logOf(...HOURS, HARMLESS, 'nonsense'), '1 lines that could not be read'],
    [
      'an interface that came since',
      logOf(...HOURS, HARMLESS, REJECTED.replace('eni-1', 'eni-9')),
      '1 rejected records, which a removed rule may have let pass, of interfaces that are not in the inventory: eni-9 ' +
        '(give the inventory of now as well)',
    ],
  ])('%s', async (_, log, why) => {
    const { status, stdout, stderr } = await check(log);
    expect([status, stderr]).toEqual([3, `${NOTHING}${why}\n`]);
    expect(stdout).toContain(`Cannot be told: ${why}\n`);
  });

  test('what was found counts for more', async () => {
    const { status, stdout } = await check(logOf(REJECTED, 'nonsense'));
    expect(status).toBe(1);
    expect(stdout).toContain('Cannot be told: 1 lines that could not be read\n');
  });

  test('as JSON it says the same, to programs', async () => {
    const { status, stdout } = await check(logOf(REJECTED, 'nonsense'), {}, '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      schemaVersion: 1,
      removedRules: 1,
      malformed: 1,
      rejectedRecords: 1,
      rejected: [
        { interfaceId: 'eni-1', direction: 'ingress', protocol: 'tcp', port: 443, times: 1, ruleIds: ['sgr-1'] },
      ],
      unchecked: expect.arrayContaining(['1 lines that could not be read']),
    });
  });

  test('nothing at all since then', async () => {
    const { status, stderr } = await check(logOf(recordLine(5, 'REJECT')));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/no record since then: nothing was checked/)]);
  });
});

test('with the inventory of now, the interface is known that came since', async () => {
  const [one] = (INVENTORY['inventory/network-interfaces.json'] as { NetworkInterfaces: object[] }).NetworkInterfaces;
  const NetworkInterfaces = [one, { ...one, NetworkInterfaceId: 'eni-9', PrivateIpAddress: '10.0.0.9' }];
  const now = Object.fromEntries(
    Object.entries({ ...INVENTORY, 'inventory/network-interfaces.json': { NetworkInterfaces } }).map(
      ([path, content]) => [path.replace('inventory', 'now'), content],
    ),
  );
  const log = [HEADER, REJECTED.replace('eni-1', 'eni-9').replace('10.0.0.1', '10.0.0.9'), ''].join('\n');
  const { status, stderr } = await check(log, now, '--inventory-now', 'FOLDER/now');
  expect([status, stderr]).toEqual([1, 'stale-sg: rejected records that a removed rule would have let pass: 1\n']);
});

test('a plan that is not there is named, not the inventory beside it', async () => {
  await folder.write({ 'logs/a.log': logOf(REJECTED) });
  const gone = folder.path('gone/plan.json');
  const { status, stderr } = await runMain([
    'check-plan',
    ...['--plan', gone, '--stage', '1', '--logs', folder.path('logs'), '--since', '2026-01-12'],
  ]);
  expect([status, stderr]).toEqual([1, `stale-sg: ${gone}: no such file or folder\n`]);
});
