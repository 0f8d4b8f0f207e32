import { expect, test } from '@jest/globals';
import { readHistory } from '../../../../../services/command-line/files/read-inventories.ts';
import { GROUP_EVENTS, RULE_EVENTS } from '../../../../../shared/inventory/past/event-names.ts';
import { inventoryDigest } from '../../../../../shared/inventory/past/past.ts';
import { isoTime } from '../../../../../shared/time.ts';
import { FakeCloudTrail } from '../../../recall-account/fake-cloudtrail.ts';
import { FakeConfig } from '../../../recall-account/fake-config.ts';
import { reset } from '../../../snapshot-groups/stub-ec2.ts';
import { runMain } from '../../program.ts';
import { scratch } from '../../scratch.ts';
import { HEADER, INVENTORY } from '../../small-account.ts';

const folder = scratch();

/** Calls are two a second, so there are few. */
test('--resume goes on with a history, asks for the busiest unknown interface first, and says what is missing', async () => {
  const cloudTrail = new FakeCloudTrail(() => Date.now());
  const config = new FakeConfig();
  const [StartTime, EndTime] = [90 * 86_400, 3600].map((ago) => isoTime(Date.now() / 1000 - ago));
  const begun = { Events: [], Lookup: { StartTime, EndTime, AskedAt: EndTime, Complete: false } };
  const now = isoTime(Date.now() / 1000);
  const parts = [...RULE_EVENTS, ...GROUP_EVENTS].map((EventName, i) => [
    `inventory/cloudtrail-events.${String(i + 1)}.json`,
    { Events: [], Lookup: { EventName, StartTime, EndTime: now, AskedAt: now, Complete: true } },
  ]);
  const line = (id: string): string =>
    `2 111122223333 ${id} 192.0.2.1 10.0.0.9 5 443 6 1 40 1768000000 1768000059 ACCEPT OK`;
  await folder.write({
    ...INVENTORY,
    'inventory/cloudtrail-events.0.json': begun,
    ...(Object.fromEntries(parts) as Record<string, object>),
    'logs/a.log': [HEADER, line('eni-0b'), line('eni-0a'), line('eni-0a'), line('eni-1'), ''].join('\n'),
  });
  const { status, stdout, stderr } = await runMain([
    ...['snapshot', '--out', folder.path('inventory'), '--history', '--resume', '--region', 'eu-central-1'],
    ...['--unknown-of', folder.path('logs'), '--history-calls', '7'],
  ]);
  expect(status).toBe(0);
  expect(cloudTrail.asked.map(({ LookupAttributes }) => LookupAttributes![0]!.AttributeValue)).toEqual(['eni-0a']);
  expect(config.asked).toEqual([]);
  expect(stdout).toMatch(/^History from .*: at most 7 calls, two a second; 2 unknown interfaces$/m);
  expect(stdout).toMatch(/1 call; not all is there\n$/);
  expect(stderr).toMatch(/missing: all eni-0b before .*\n[^]*missing: states of AWS Config: no call was left/);
});

test('nothing is resumed where nothing was begun', async () => {
  await folder.write(INVENTORY);
  const args = ['snapshot', '--out', folder.path('inventory'), '--history', '--resume'];
  const { status, stderr } = await runMain(args);
  expect(status).toBe(1);
  expect(stderr).toContain('no history was begun here');
});

test('without either right the snapshot is there all the same, and what is missing is said', async () => {
  reset();
  new FakeCloudTrail(() => Date.now()).denied = true;
  new FakeConfig().denied = true;
  await folder.write({
    ...INVENTORY,
    'inventory/cloudtrail-events.7.json': {},
    'inventory/config-history/SecurityGroup-sg-1.json': {},
    'inventory/cloudtrail-events-by-hand.json': { Events: [] },
  });
  const out = folder.path('inventory');
  const { status, stdout, stderr } = await runMain(['snapshot', '--out', out, '--history', '--region', 'eu-central-1']);
  expect(status).toBe(0);
  expect(stdout).toMatch(/: 0 groups, 0 rules, 0 interfaces\n[^]*; not all is there\n$/);
  expect(stderr).toBe(
    'stale-sg: missing: cloudtrail:LookupEvents is not allowed (AccessDeniedException)\n' +
      'stale-sg: missing: AWS Config may not be asked (AccessDeniedException)\n',
  );
  const begun = JSON.parse(await folder.read('inventory/cloudtrail-events.0.json')) as { RulesDigest: string };
  const { newest } = await readHistory([out]);
  expect(begun.RulesDigest).toBe(inventoryDigest(newest));
  expect(newest.problems).toEqual([
    'cloudtrail-events-by-hand.json was not read: no file of an inventory has this name',
  ]);
  // What belongs to the former snapshot went with it.
  expect(await folder.filesIn('inventory/config-history')).toEqual([]);
  await expect(folder.read('inventory/cloudtrail-events.7.json')).rejects.toThrow('ENOENT');
});
