import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { readInventory } from '../../../services/command-line/files/read-inventory.ts';
import { parseAddress, parsePrefix, prefixContains } from '../../../shared/addresses/address.ts';
import { VERDICT_KINDS } from '../../../shared/verdicts/verdict.ts';
import { usageReport } from '../../../shared/reports/schema.ts';
import { runMain } from './program.ts';
import { DAYS_BEFORE, remembered, weeksBefore } from './weeks-before.ts';
import { EXPECTED, EXPECTED_RECORDS } from './sample-expectations.ts';

const SAMPLE = join(import.meta.dirname, '../../../services/command-line/sample');
const DAYS = ['2026-01-12', '2026-01-13', '2026-01-14'];
const UNKNOWN_INTERFACE = 'eni-0a1b2c3d4e5f60023';

const read = (path: string): string => readFileSync(join(SAMPLE, path), 'utf8');
const inventory = await readInventory(join(SAMPLE, 'inventory'));

/** `2026-01-12T00:05` */
const minuteOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 16);

const files = readdirSync(join(SAMPLE, 'logs'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.log'))
  .sort()
  .map((path) => {
    const [header = '', ...lines] = read(join('logs', path)).trimEnd().split('\n');
    const columns = header.split(' ');
    const rows = lines.map((line) => line.split(' '));
    const [, , , flowLogId = '', stamp = ''] = basename(path).split('_');
    const fullRows = rows.filter((row) => row.length === columns.length);
    const records = fullRows.map((row) => new Map(columns.map((column, i) => [column, row[i]!])));
    return { path, columns, rows, flowLogId, stamp, records };
  });
const records = files.flatMap((file) => file.records.map((record) => ({ ...file, record })));
const of = (flowLogId: string, interfaceId: string): Map<string, string>[] =>
  records
    .filter((one) => one.flowLogId === flowLogId && one.record.get('interface-id') === interfaceId)
    .map(({ record }) => record);

describe('inventory of the sample', () => {
  test('has nothing wrong but the list that the README calls unknown', () => {
    expect(inventory.problems).toEqual([expect.stringMatching(/^prefix list pl-0a1b2c3d4e5f60002 is named by a rule/)]);
  });

  test('every rule is sound, belongs to the group its id tells, and names groups and lists that are there', () => {
    for (const { ruleId, groupId, unmatchable, peer } of inventory.rules) {
      expect([ruleId, unmatchable]).toEqual([ruleId, undefined]);
      expect(groupId).toBe(`sg-0a1b2c3d4e5f6000${ruleId.at(-3)!}`);
      expect([...inventory.groups.keys()]).toContain(groupId);
      if (peer.type === 'group') expect([...inventory.groups.keys()]).toContain(peer.value);
      if (peer.type === 'prefixList') expect([...inventory.prefixLists.keys()]).toContain(peer.value);
    }
    expect(inventory.rules.length).toBe(30);
  });

  test('every group has rules; all but two are on an interface, and one of these two is in another VPC', () => {
    const attached = new Set([...inventory.interfaces.values()].flatMap(({ groupIds }) => groupIds));
    const nameOf = (groupId: string): string => inventory.groups.get(groupId)?.groupName ?? `no group ${groupId}`;
    expect([...inventory.groups.keys()].filter((id) => !inventory.rules.some((rule) => rule.groupId === id))).toEqual(
      [],
    );
    expect([...inventory.groups.keys()].filter((id) => !attached.has(id)).map(nameOf)).toEqual([
      'monitoring-old',
      'staging-access',
    ]);
    expect(inventory.associations.map(({ groupId, vpcId }) => [nameOf(groupId), vpcId])).toEqual([
      ['staging-access', 'vpc-0a1b2c3d4e5f60002'],
    ]);
    expect([...attached].map(nameOf).filter((name) => name.startsWith('no group'))).toEqual([]);
  });

  test('every address of an interface lies in its VPC, and only the NAT gateway has no group', () => {
    for (const { vpcId, prefixes } of inventory.interfaces.values()) {
      const blocks = inventory.vpcs.get(vpcId)?.prefixes ?? [];
      for (const { address } of prefixes) expect(blocks.some((block) => prefixContains(block, address))).toBe(true);
    }
    const withoutGroup = [...inventory.interfaces.values()].filter(({ groupIds }) => groupIds.length === 0);
    expect(withoutGroup.map(({ type }) => type)).toEqual(['nat_gateway']);
  });

  test('the flow logs are older than the records and cover every interface', () => {
    expect(inventory.flowLogs).toHaveLength(2);
    for (const { active, createdAt, trafficType } of inventory.flowLogs ?? []) {
      expect([active, trafficType]).toEqual([true, 'ALL']);
      expect(minuteOf(createdAt) < '2025-11-02').toBe(true);
    }
    const vpcs = new Set([...inventory.interfaces.values()].map(({ vpcId }) => vpcId));
    expect(inventory.flowLogs?.map(({ resourceId }) => resourceId)).toEqual([
      inventory.interfaces.get('eni-0a1b2c3d4e5f60005')?.subnetId,
      ...vpcs,
    ]);
  });
});

describe('records of the sample', () => {
  test('have as many fields as the header, but for one line that was cut', () => {
    const odd = files.flatMap(({ path, columns, rows }) =>
      rows.flatMap((row, i) => (row.length === columns.length ? [] : [`${basename(path)}:${i + 2}`])),
    );
    expect(odd).toEqual([expect.stringMatching(/20260113T1205Z_\w+\.log:28$/)]);
    expect(odd).toHaveLength(EXPECTED_RECORDS.malformed);
  });

  test('number about 200', () => {
    expect(files.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(EXPECTED_RECORDS.total);
  });

  test('have the format and lie in the folder that their flow log gives them', () => {
    const { FlowLogs } = JSON.parse(read('inventory/flow-logs.json')) as {
      FlowLogs: { FlowLogId: string; LogFormat: string }[];
    };
    const formats = new Map(FlowLogs.map(({ FlowLogId, LogFormat }) => [FlowLogId, LogFormat]));
    for (const { path, flowLogId, stamp, columns } of files) {
      expect(columns.map((column) => `\${${column}}`).join(' ')).toBe(formats.get(flowLogId));
      const day = [stamp.slice(0, 4), stamp.slice(4, 6), stamp.slice(6, 8)].join('/');
      expect(path).toMatch(
        new RegExp(
          `^AWSLogs/111122223333/vpcflowlogs/eu-central-1/${day}/111122223333_vpcflowlogs_eu-central-1_${flowLogId}_${stamp}_[0-9a-f]{8}\\.log$`,
        ),
      );
    }
  });

  test('end in the five minutes before their file was delivered, on one of three days', () => {
    for (const { stamp, record } of records) {
      const [start, end] = [Number(record.get('start')), Number(record.get('end'))];
      const delivered = Date.parse(stamp.replace(/^(.{4})(..)(..T..)(..Z)$/, '$1-$2-$3:$4')) / 1000;
      expect(start).toBeLessThan(end);
      expect(end - start).toBeLessThanOrEqual(60);
      expect(delivered - start).toBeLessThanOrEqual(300);
      expect(end).toBeLessThanOrEqual(delivered);
    }
    expect([...new Set(records.map(({ record }) => minuteOf(Number(record.get('end'))).slice(0, 10)))]).toEqual(DAYS);
  });

  test('tell of every interface on every day, and of one that is not in the inventory', () => {
    const heard = records.map(({ record }) =>
      [record.get('interface-id'), minuteOf(Number(record.get('end'))).slice(0, 10)].join(' '),
    );
    const due = [...inventory.interfaces.keys()].flatMap((id) => DAYS.map((day) => `${id} ${day}`));
    expect([...new Set(heard)].sort()).toEqual([...due, `${UNKNOWN_INTERFACE} ${DAYS[1]!}`].sort());
    const ofUnknown = records.filter(({ record }) => record.get('interface-id') === UNKNOWN_INTERFACE);
    expect(ofUnknown).toHaveLength(EXPECTED_RECORDS.unknownInterface);
    const accepted = records.filter(({ record }) => record.get('action') === 'ACCEPT').length;
    expect(ofUnknown.length).toBeLessThanOrEqual((accepted - EXPECTED_RECORDS.duplicateLog) / 100);
  });

  test('hold the interface at the end that the direction tells', () => {
    for (const { record } of records) {
      const owner = inventory.interfaces.get(record.get('interface-id')!);
      const direction = record.get('flow-direction') ?? '-';
      if (!owner || direction === '-') continue;
      const own = parseAddress(record.get(direction === 'ingress' ? 'dstaddr' : 'srcaddr')!)!;
      expect(owner.prefixes.some((prefix) => prefixContains(prefix, own))).toBe(true);
    }
  });

  test('have addresses for documentation and of the VPC only', () => {
    const allowed = ['10.20.0.0/16', '198.51.100.0/24', '203.0.113.0/24', '2001:db8::/32'].map((text) =>
      parsePrefix(text)!,
    );
    for (const { record } of records) {
      for (const column of ['srcaddr', 'dstaddr', 'pkt-srcaddr', 'pkt-dstaddr']) {
        const text = record.get(column) ?? '-';
        if (text === '-') continue;
        const address = parseAddress(text)!;
        expect([text, allowed.some((prefix) => prefixContains(prefix, address))]).toEqual([text, true]);
      }
    }
  });

  test('of the database are the same in both logs', () => {
    const SAME = ['srcaddr', 'dstaddr', 'srcport', 'dstport', 'packets', 'bytes', 'start', 'end', 'action'];
    const told = (flowLogId: string): unknown[] =>
      of(flowLogId, 'eni-0a1b2c3d4e5f60005').map((record) => SAME.map((column) => record.get(column)));
    expect(told('fl-0a1b2c3d4e5f60001')).toEqual(told('fl-0a1b2c3d4e5f60002'));
    expect(told('fl-0a1b2c3d4e5f60001')).toHaveLength(EXPECTED_RECORDS.duplicateLog);
  });

  test('show in the status or action what was expected to be set aside', () => {
    const having = (column: string, value: string): number =>
      records.filter(({ record }) => record.get(column) === value).length;
    expect(having('log-status', 'NODATA')).toBe(EXPECTED_RECORDS.noData);
    expect(having('log-status', 'SKIPDATA')).toBe(EXPECTED_RECORDS.skipData);
    expect(having('action', 'REJECT')).toBe(EXPECTED_RECORDS.rejected);
    const ofNat = of('fl-0a1b2c3d4e5f60002', 'eni-0a1b2c3d4e5f60008');
    expect(ofNat.filter((record) => record.get('action') === 'ACCEPT')).toHaveLength(EXPECTED_RECORDS.noGroup);
  });
});

describe('the weeks before', () => {
  test('and what CloudTrail tells are as they were made: node test/services/command-line/weeks-before.ts', () => {
    const weeks = weeksBefore();
    expect(weeks.size).toBe(DAYS_BEFORE);
    expect(readdirSync(join(SAMPLE, 'weeks-before')).sort()).toEqual([...weeks.keys()]);
    for (const [name, text] of weeks) expect(read(join('weeks-before', name))).toBe(text);
    expect(read('inventory/cloudtrail-events.json')).toBe(remembered());
  });

  test('make a month of which six rules may go, in two stages, and one rule is too young', async () => {
    const out = mkdtempSync(join(tmpdir(), 'stale-sg-sample-'));
    const logs = ['logs', 'weeks-before'].map((name) => join(SAMPLE, name));
    const args = ['analyze', '--inventory', join(SAMPLE, 'inventory'), '--logs', ...logs, '--out', out];
    const { status, stdout } = await runMain(args);
    const report = usageReport.parse(JSON.parse(readFileSync(join(out, 'usage.json'), 'utf8')));
    rmSync(out, { recursive: true });
    expect([status, report.windowDays, report.growth]).toEqual([0, DAYS_BEFORE + 3, null]);
    const last = stdout.slice(stdout.indexOf('\n\n6 rules may go'));
    expect(last).toMatch(
      /^\n\n6 rules may go; nothing that was seen needs them:\nstale {7}web-alb: out all to ::\/0\n/,
    );
    expect(last.split('\n').filter((line) => line.length > 80 && !line.includes('/stale-sg-sample-'))).toEqual([]);
    expect(last.split('\n').length).toBeLessThanOrEqual(36);

    const stages = report.plan!.stages.map(({ removals }) => removals.map(({ rule }) => rule.ruleId.slice(-5)));
    expect(stages).toEqual([['60106', '60303', '60402', '60502', '60103'], ['60301']]);
    expect(report.plan!.stages[0]!.removals[2]!.notes).toContain(
      'made 2025-11-20T09:12:44Z by arn:aws:iam::111122223333:user/ines: ask there',
    );
    const [daily, mondays] = [DAYS_BEFORE, DAYS_BEFORE / 7];
    const more = new Map<string, number>([
      ...['60101', '60105', '60201', '60207', '60301', '60302'].map((rule) => [rule, 2 * daily] as const),
      ...['60205', '60501', '60702'].map((rule) => [rule, daily] as const),
      ...['60202', '60401', '60403'].map((rule) => [rule, mondays] as const),
    ]);
    for (const { ruleId, verdict, usedTimes, evidence } of report.rules) {
      const expected = EXPECTED.get(ruleId)!;
      const isYoung = ruleId.endsWith('60203');
      expect([ruleId, verdict.kind]).toEqual([ruleId, isYoung ? 'tooYoung' : expected.verdict.kind]);
      expect([ruleId, usedTimes]).toEqual([ruleId, expected.usedTimes + (more.get(ruleId.slice(-5)) ?? 0)]);
      expect([ruleId, evidence.knownBy]).toEqual([ruleId, 'cloudtrail']);
    }
  });
});

describe('expectations', () => {
  test('are there for every rule, and for no other', () => {
    expect([...EXPECTED.keys()].sort()).toEqual(inventory.rules.map(({ ruleId }) => ruleId).sort());
  });

  test('of three days show every verdict that an inventory without a memory can lead to', () => {
    const kinds = new Set([...EXPECTED.values()].map(({ verdict }) => verdict.kind));
    expect(VERDICT_KINDS.filter((kind) => !kinds.has(kind))).toEqual(['tooYoung']);
  });

  test('give each record one fate', () => {
    const { total, requests, replies, ...fates } = EXPECTED_RECORDS;
    expect(Object.values(fates).reduce((sum, n) => sum + n, 0)).toBe(total);
    expect(requests + replies).toBe(fates.attributed + fates.possible + fates.unexplained);
  });

  test('are those of the README', () => {
    const rows = read('README.md').matchAll(/^\| (6\d{4}) \S+ \| [^|]+ \| (\w+) \|/gm);
    const told = [...rows].map(([, rule, kind]) => [`sgr-0a1b2c3d4e5f${rule!}`, kind]);
    expect(told).toEqual([...EXPECTED].map(([ruleId, { verdict }]) => [ruleId, verdict.kind]));
  });
});
