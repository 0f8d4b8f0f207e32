/** Rules that admit different things look different, and groups and lists have their names, wherever a person reads. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import PostalMime from 'postal-mime';
import { packReport } from '../../../shared/reports/page/packed-report.ts';
import { ruleRows } from '../../../shared/reports/page/rows.ts';
import { rulesByDirection } from '../../../shared/reports/page/map-data.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import type { RULES } from '../../../shared/export/tables.ts';
import { rulesExport } from '../../../shared/export/rules-export.ts';
import { readInventory } from '../../../services/command-line/files/read-inventory.ts';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { filesOf, VISIT } from './evidence-world.ts';
import { runMain } from './program.ts';
import { scratch } from './scratch.ts';

const folder = scratch('block');
const RULE_TEXTS: readonly (readonly [ruleId: string, text: string])[] = [
  ['sgr-ping', 'in icmp type 8 code 0 from 10.0.0.0/8'],
  ['sgr-clock', 'in icmp type 13 from 10.0.0.0/8'],
  ['sgr-group', 'in icmp type 8 from sg-b-name (sg-b)'],
  ['sgr-list', 'in icmp type 8 from office (pl-1)'],
];
const outputs = new Map<string, string>();
let report: UsageReport;

async function run(...args: string[]): Promise<string> {
  const { status, stdout, stderr } = await runMain(args);
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

beforeAll(async () => {
  const files = filesOf({
    rules: {
      web: 'sg-a in tcp 443 0.0.0.0/0',
      ping: 'sg-a in icmp 8/0 10.0.0.0/8',
      clock: 'sg-a in icmp 13/-1 10.0.0.0/8',
      group: 'sg-a in icmp 8/-1 sg-b',
      list: 'sg-a in icmp 8/-1 pl-1',
      ssh: 'sg-b in tcp 22 0.0.0.0/0',
    },
    flowLogs: ['fl-0002 vpc-1 ALL'],
    logs: { 'fl-0002': [VISIT] },
  });
  const [a, b] = ['sg-a', 'sg-b'].map((GroupId) => {
    return { GroupId, GroupName: `${GroupId}-name`, VpcId: 'vpc-1', OwnerId: '111122223333' };
  });
  await folder.write({
    ...files,
    'inventory/security-groups.json': { SecurityGroups: [a, b] },
    'inventory/managed-prefix-lists.json': {
      PrefixLists: [{ PrefixListId: 'pl-1', PrefixListName: 'office', AddressFamily: 'IPv4' }],
    },
    'inventory/prefix-list-entries/pl-1.json': { Entries: [{ Cidr: '203.0.113.64/27' }] },
  });
  const [inventory, logs, out, plan, store, mail] = ['inventory', 'logs', 'out', 'plan', 'usage.db', 'mail.eml'].map(
    (name) => folder.path(name),
  ) as [string, string, string, string, string, string];
  const known = ['--rules-known-since', '2025-01-01', '--mail-to-file', mail];
  outputs.set('the summary', await run('analyze', '--inventory', inventory, '--logs', logs, '--out', out, ...known));
  await run(
    'plan',
    '--report',
    `${out}/usage.json`,
    '--evidence',
    out,
    '--inventory',
    inventory,
    '--out',
    plan,
    '--min-days',
    '10',
  );
  outputs.set('the plan', await folder.read('plan/plan.md'));
  outputs.set('the script', await folder.read('plan/stage-1.sh'));
  const { text, html } = await PostalMime.parse(await folder.read('mail.eml'));
  outputs.set('the text of the mail', text!).set('the HTML of the mail', html!);
  await run('watch', '--once', '--inventory', inventory, '--logs', logs, '--store', store);
  outputs.set('the usage', await run('usage', '--store', store));
  const ids = RULE_TEXTS.map(([id]) => id).join(',');
  outputs.set('the simulation', await run('simulate', '--remove', ids, '--evidence', out));
  let explained = '';
  for (const [id] of RULE_TEXTS) explained += await run('explain', id, '--evidence', out, '--inventory', inventory);
  outputs.set('the explanations', explained);
  report = JSON.parse(await folder.read('out/usage.json')) as UsageReport;
  const page = ruleRows(packReport(report).rules.map((rule) => ({ ...rule, usedTimes: 1 })));
  outputs.set('the page', rulesByDirection(page.map(({ rule }) => rule)).rows.join('\n'));
  const rows = await parquetReadObjects({
    compressors,
    file: rulesExport(report, await readInventory(inventory), { accountId: '1', region: 'r' }).slice().buffer,
    columns: ['rule_text' satisfies keyof typeof RULES],
  });
  outputs.set('the export', rows.map(({ rule_text }) => String(rule_text)).join('\n'));
});

describe.each([
  'the summary',
  'the plan',
  'the script',
  'the text of the mail',
  'the HTML of the mail',
  'the simulation',
  'the explanations',
  'the page',
  'the export',
])('%s', (output) => {
  test.each(RULE_TEXTS)('says of %s that it admits %s', (_ruleId, text) => {
    expect(outputs.get(output)).toContain(text);
  });
});

test.each(RULE_TEXTS)(
  'a store, which knows groups by their rules and lists by their ids alone, says of %s: %s',
  (_ruleId, text) => {
    expect(outputs.get('the usage')).toContain(text.replace('office (pl-1)', 'pl-1'));
  },
);

test('usage.csv and usage.json have type and code', async () => {
  const { rules } = report;
  expect(rules.map(({ ruleId, icmp, peer }) => [ruleId, icmp, peer.name])).toEqual([
    ['sgr-clock', { type: 13, code: -1 }, null],
    ['sgr-group', { type: 8, code: -1 }, 'sg-b-name'],
    ['sgr-list', { type: 8, code: -1 }, 'office'],
    ['sgr-ping', { type: 8, code: 0 }, null],
    ['sgr-web', null, null],
    ['sgr-ssh', null, null],
  ]);
  const csv = await folder.read('out/usage.csv');
  expect(csv).toContain('icmp,,,13,-1,cidrIpv4,10.0.0.0/8,,');
  expect(csv).toContain('icmp,,,8,-1,prefixList,pl-1,office,');
  expect(csv).toContain('icmp,,,8,0,cidrIpv4,10.0.0.0/8,,');
  expect(csv).toContain('tcp,443,443,,,cidrIpv4,0.0.0.0/0,,');
});
