/** Three accounts whose rules name groups of each other: what each alone leaves possible, all together credit. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readInventories } from '../../services/command-line/files/read-inventories.ts';
import type { UsageReport } from '../../shared/reports/schema.ts';
import { PEERED_ACCOUNTS } from '../../services/generate-account/world/lay-out-network.ts';
import { runMain } from '../services/command-line/program.ts';
import { asOracleResult, countText } from '../oracle/core.ts';
import { oracleUsage, type OracleInventory, type OracleRecord } from '../oracle/oracle.ts';
import { toText } from '../oracle/random-world.ts';
import {
  generated,
  logFiles,
  removeScratchFolders,
  rulesTruth,
  type TruthOfRule,
} from '../services/generate-account/generated.ts';

afterAll(removeScratchFolders);
jest.setTimeout(120_000);

let out = '';
let truth: TruthOfRule[] = [];
let folders: string[] = [];
const alone: UsageReport[] = [];
let together: UsageReport;

async function analyzed(name: string, inventories: readonly string[]): Promise<UsageReport> {
  const to = join(out, name);
  const args = ['--inventory', ...inventories, '--logs', join(out, 'logs'), '--out', to, '--threads', '1'];
  const { status } = await runMain(['analyze', ...args, '--rules-known-since', '2025-06-01']);
  expect(status).toBe(0);
  return JSON.parse(readFileSync(join(to, 'usage.json'), 'utf8')) as UsageReport;
}

beforeAll(async () => {
  ({ out } = await generated({ peers: true, minutes: 2880, records: 12_000, deliveryMinutes: 60, seed: 5 }));
  truth = rulesTruth(out);
  folders = [join(out, 'inventory'), ...PEERED_ACCOUNTS.map((id) => join(out, 'peers', id, 'inventory'))];
  for (const [i, folder] of folders.entries()) alone.push(await analyzed(`alone-${String(i)}`, [folder]));
  together = await analyzed('together', folders);
});

type Rule = UsageReport['rules'][number];

/** What is said of the rule of the truth, in a report that has it. */
function told(reports: readonly UsageReport[], groupName: string, rule: string): Rule {
  const [found] = truth.filter((one) => one.groupName === groupName && one.rule === rule);
  const [said] = reports.flatMap(({ rules }) => rules.filter(({ ruleId }) => ruleId === found!.ruleId));
  return said!;
}

const ACROSS = [
  ['ledger', 'in tcp 6001 sg:biller'],
  ['ledger', 'in tcp 6002 sg:reporter'],
  ['ledger', 'out tcp 6101 sg:invoices'],
  ['biller', 'out tcp 6001 sg:ledger'],
  ['invoices', 'in tcp 6101 sg:ledger'],
  ['invoices', 'in tcp 6201 sg:reporter'],
  ['reporter', 'out tcp 6002 sg:ledger'],
  ['reporter', 'out tcp 6201 sg:invoices'],
] as const;

test.each(ACROSS)('%s: %s: possible alone, credited together, as often as it truly was used', (groupName, rule) => {
  const before = told(alone, groupName, rule);
  expect([before.usedTimes, before.verdict]).toMatchObject([0, { reason: 'onlyPossibleUse' }]);
  const { requests } = truth.find((one) => one.groupName === groupName && one.rule === rule)!;
  const { usedTimes, possibleTimes, verdict } = told([together], groupName, rule);
  expect({ usedTimes, possibleTimes, kind: verdict.kind }).toEqual({
    usedTimes: requests,
    possibleTimes: 0,
    kind: 'active',
  });
  expect(before.possibleTimes).toBeGreaterThanOrEqual(requests);
});

test.each([
  ['ledger', 'in tcp 6003 sg:biller'],
  ['ledger', 'out tcp 6103 sg:figures'],
  ['biller', 'out tcp 6003 sg:ledger'],
  ['invoices', 'in tcp 6104 sg:ledger'],
  ['figures', 'in tcp 6103 sg:ledger'],
])('%s: %s: nobody can say alone, and is found stale together', (groupName, rule) => {
  expect(told(alone, groupName, rule).verdict).toMatchObject({ kind: 'notObserved', reason: 'peerAbsent' });
  expect(told([together], groupName, rule).verdict.kind).toBe('stale');
});

test('references name the account and the peering connection, as AWS does', async () => {
  const { rules } = await readInventories(folders);
  const peers = rules.flatMap(({ peer }) => (peer.type === 'group' && peer.peeringConnectionId !== '' ? [peer] : []));
  const owners = new Set(peers.map(({ ownerId }) => ownerId));
  for (const id of ['111122223333', ...PEERED_ACCOUNTS]) expect(owners).toContain(id);
  expect(new Set(peers.map(({ peeringConnectionId }) => peeringConnectionId)).size).toBe(4);
});

test('an island has addresses of others, and is nobody else: its rules are used as often as they truly were', () => {
  for (const name of ['islander-0', 'islander-1']) {
    const rule = `in tcp 6401 sg:${name}-client`;
    const { requests } = truth.find((one) => one.groupName === name && one.rule === rule)!;
    expect(requests).toBeGreaterThan(0);
    expect(told([together], name, rule)).toMatchObject({ usedTimes: requests, soleTimes: requests, possibleTimes: 0 });
  }
});

test('no rule that is needed is stale, alone or together, and together no verdict that was active is lost', () => {
  const needed = new Set(truth.filter(({ need }) => need.kind === 'needed').map(({ ruleId }) => ruleId));
  const wrong = [...alone, together].flatMap(({ rules }) =>
    rules.filter(({ ruleId, verdict }) => needed.has(ruleId) && verdict.kind === 'stale'),
  );
  expect(wrong).toEqual([]);
  const active = alone.flatMap(({ rules }) => rules.filter(({ verdict }) => verdict.kind === 'active'));
  const lost = active.filter(
    ({ ruleId }) => together.rules.find((rule) => rule.ruleId === ruleId)!.verdict.kind === 'stale',
  );
  expect(lost).toEqual([]);
});

test('records are counted by account, each once', () => {
  const { accounts = [], records } = together;
  expect(accounts.map(({ accountId }) => accountId).sort()).toEqual(['111122223333', ...PEERED_ACCOUNTS]);
  for (const fate of Object.keys(accounts[0]!.records!)) {
    expect([fate, accounts.reduce((sum, one) => sum + one.records![fate as 'total'], 0)]).toEqual([
      fate,
      records[fate as 'total'],
    ]);
  }
  const strangers = alone[1]!.accounts!.filter(({ described }) => !described);
  expect(strangers.map(({ accountId, regions }) => [accountId, ...regions])).toEqual([
    ['111122223333', 'eu-west-1'],
    ['777788889999', 'eu-west-1'],
  ]);
  expect(strangers.reduce((sum, one) => sum + one.records!.otherAccount, 0)).toBe(alone[1]!.records.otherAccount);
});

describe('their reports, merged', () => {
  let merged: UsageReport;
  const to = (name: string): string => join(out, name);
  const call = async (...args: readonly string[]): Promise<string> => {
    const { status, stdout, stderr } = await runMain(args);
    if (status !== 0 && status !== 3) throw new Error(stderr);
    return stdout;
  };

  beforeAll(async () => {
    const said = await call('merge', ...folders.map((_, i) => to(`alone-${String(i)}`)), '--out', to('merged'));
    expect(said.replaceAll(/\s+/g, ' ')).toContain("one 'stale-sg analyze' with all inventories and logs");
    merged = JSON.parse(readFileSync(join(to('merged'), 'usage.json'), 'utf8')) as UsageReport;
  });

  test('count each record once, though each of them read all logs', () => {
    expect(merged.records.total).toBe(together.records.total);
    expect(merged.records.otherAccount).toBe(0);
    for (const fate of ['noData', 'skipData', 'rejected', 'duplicateLog', 'unknownInterface', 'requests'] as const) {
      expect([fate, merged.records[fate]]).toEqual([fate, together.records[fate]]);
    }
  });

  test('leave every verdict as it was', () => {
    const before = new Map(alone.flatMap(({ rules }) => rules.map((rule) => [rule.ruleId, rule.verdict])));
    expect(new Map(merged.rules.map(({ ruleId, verdict }) => [ruleId, verdict]))).toEqual(before);
    expect(merged.plan).toBeNull();
  });

  test('make a plan that takes away nothing that is needed, and scripts that ask for the credentials of each', async () => {
    const inventories = ['--inventory', ...folders];
    const from = ['--report', join(to('merged'), 'usage.json'), '--evidence', to('merged')];
    await call(
      'plan',
      ...inventories,
      ...from,
      '--out',
      to('plan'),
      '--min-days',
      '1',
      '--rules-known-since',
      '2025-06-01',
    );
    const plan = JSON.parse(readFileSync(join(to('plan'), 'plan.json'), 'utf8')) as {
      accounts: string[];
      stages: { removals: { rule: { ruleId: string }; accountId: string }[] }[];
    };
    const removed = plan.stages.flatMap(({ removals }) => removals);
    const needed = new Set(truth.filter(({ need }) => need.kind === 'needed').map(({ ruleId }) => ruleId));
    expect(removed.filter(({ rule }) => needed.has(rule.ruleId))).toEqual([]);
    expect(plan.accounts).toEqual(['111122223333', ...PEERED_ACCOUNTS]);
    const script = readFileSync(join(to('plan'), 'stage-1.sh'), 'utf8');
    for (const accountId of new Set(plan.stages[0]!.removals.map((one) => one.accountId))) {
      expect(script).toContain(`\nplace ${accountId} eu-west-1\n`);
    }
    expect(readFileSync(join(to('plan'), 'plan.md'), 'utf8')).toMatch(
      /Rules of each account and Region.*`555566667777 eu-west-1` \d/,
    );
  });

  test('tell of a rule what its own report would', async () => {
    const { ruleId } = told([merged], 'ledger', 'in tcp 6001 sg:biller');
    expect(await call('explain', ruleId, '--evidence', to('merged'))).toMatch(/Perhaps {5}1 service flow/);
    expect(await call('simulate', '--evidence', to('merged'), '--inventory', ...folders, '--remove', ruleId)).toContain(
      'Would lose their last rule: 1 service flow',
    );
  });
});

describe('the oracle', () => {
  const read = <T>(folder: string, name: string, key: string): T[] =>
    (JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Record<string, T[]>)[key]!;

  function oracleInventory(): OracleInventory {
    const all = <T>(name: string, key: string): T[] => folders.flatMap((folder) => read<T>(folder, name, key));
    const lists = all<{ PrefixListId: string; AddressFamily: string }>('managed-prefix-lists', 'PrefixLists');
    const entriesOf = (id: string): string[] | undefined => {
      const file = `${id}.json`;
      const folder = folders.find((one) => readdirSync(join(one, 'prefix-list-entries')).includes(file));
      if (folder === undefined) return undefined;
      return read<{ Cidr: string }>(join(folder, 'prefix-list-entries'), id, 'Entries').map(({ Cidr }) => Cidr);
    };
    return {
      securityGroups: all('security-groups', 'SecurityGroups'),
      securityGroupRules: all('security-group-rules', 'SecurityGroupRules'),
      networkInterfaces: all('network-interfaces', 'NetworkInterfaces'),
      vpcs: all('vpcs', 'Vpcs'),
      prefixLists: Object.fromEntries(
        lists.map(({ PrefixListId, AddressFamily }) => {
          const entries = entriesOf(PrefixListId);
          return [PrefixListId, { family: AddressFamily, ...(entries && { entries }) }];
        }),
      ),
    };
  }

  test('says the same of what the three accounts log of each other, and of the rest of some hours', async () => {
    const files = await logFiles(out);
    const [{ header }] = files as [(typeof files)[0]];
    const ofOthers = files.filter(({ path }) => !path.includes('/111122223333_')).flatMap(({ records }) => records);
    const own = files.filter(({ path }) => path.includes('/111122223333_')).flatMap(({ records }) => records);
    const ports = new Set(['6001', '6002', '6101']);
    const across = own.filter((one) => ports.has(one.srcport!) || ports.has(one.dstport!));
    const records = [...ofOthers.slice(0, 400), ...across.slice(0, 300), ...own.slice(0, 600)] as OracleRecord[];
    const inventory = await readInventories(folders);
    const said = asOracleResult(inventory, countText(inventory, toText(records, header)));
    const expected = oracleUsage(oracleInventory(), records);
    expect(said).toEqual(expected);
    expect(across.length).toBeGreaterThan(50);
    expect(said.records.possible).toBeLessThan(said.records.attributed / 10);
  });
});
