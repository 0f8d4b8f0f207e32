import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { compareText } from '../../../../../shared/text/compare.ts';
import type { RuleReport, UsageReport } from '../../../../../shared/reports/schema.ts';
import { FATES } from '../../../../../shared/usage/usage.ts';
import { analyzeSample, sampleLogs } from '../../analyze-sample.ts';
import { runBin, SAMPLE, type Run } from '../../program.ts';
import { EXPECTED, EXPECTED_RECORDS } from '../../sample-expectations.ts';
import { scratch, writtenFor } from '../../scratch.ts';

/** The keys of `usage.json` that stay as they are within version 1; others may be added. */
const KEYS = {
  report: ['schemaVersion', 'asOf', 'windowDays', 'records', 'malformedSamples', 'rules'],
  records: [
    ...['total', 'noData', 'skipData', 'malformed', 'duplicateLog', 'rejected', 'unknownInterface', 'noGroup'],
    ...['unknownDirection', 'possible', 'unexplained', 'attributed', 'requests', 'replies'],
  ],
  malformedSample: ['file', 'line', 'reason'],
  rule: [
    ...['ruleId', 'groupId', 'groupName', 'direction', 'protocol', 'fromPort', 'toPort', 'icmp', 'peer', 'description'],
    ...['usedTimes', 'soleTimes', 'primaryTimes', 'inferredTimes', 'replyTimes', 'possibleTimes', 'untrackedReplies'],
    ...['packets', 'bytes', 'lastUsed', 'lastPossible', 'ports', 'verdict'],
  ],
  peer: ['type', 'value', 'name'],
  port: ['protocol', 'fromPort', 'toPort', 'usedTimes'],
};
const ISO_SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

// A process of its own, on a machine that may be busy.
jest.setTimeout(60_000);
const folder = scratch('block');
let run: Run;
let report: UsageReport;
let csv: string;
beforeAll(async () => {
  run = await runBin(analyzeSample(folder.path('out')));
  report = JSON.parse(await readFile(folder.path('out/usage.json'), 'utf8')) as UsageReport;
  csv = await readFile(folder.path('out/usage.csv'), 'utf8');
});

const firstKeys = (value: object, keys: readonly string[]): string[] => Object.keys(value).slice(0, keys.length);
const ruleOf = (rule: string): RuleReport => report.rules.find(({ ruleId }) => ruleId === `sgr-0a1b2c3d4e5f${rule}`)!;

describe('the sample, by the program as it is installed', () => {
  test('is done, says nothing on standard error, and writes its files', async () => {
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(await folder.filesIn('out')).toEqual(writtenFor('2026-01-12', '2026-01-13', '2026-01-14'));
  });
});

describe('usage.json of the sample', () => {
  test.each([...EXPECTED])('%s is what was worked out by hand', (ruleId, expected) => {
    expect(report.rules.find((rule) => rule.ruleId === ruleId)).toMatchObject(expected);
  });

  test('each record has the fate that was worked out by hand, and one only', () => {
    expect(report.records).toMatchObject(EXPECTED_RECORDS);
    const { total, attributed, possible, unexplained, requests, replies } = report.records;
    expect(FATES.reduce((sum, fate) => sum + report.records[fate], 0)).toBe(total);
    expect(requests + replies).toBe(attributed + possible + unexplained);
  });

  test('coverage is the share of accepted records that rules explain', () => {
    const { attributed, possible, unexplained, unknownDirection, unknownInterface } = EXPECTED_RECORDS;
    const accepted = attributed + possible + unexplained + unknownDirection + unknownInterface;
    expect(report.coverage).toBe(attributed / accepted);
  });

  test('has the keys of version 1, in this order', () => {
    expect(report.schemaVersion).toBe(1);
    expect(Object.keys(report).filter((key) => KEYS.report.includes(key))).toEqual(KEYS.report);
    expect(Object.keys(report.records).filter((key) => KEYS.records.includes(key))).toEqual(KEYS.records);
    expect(report.malformedSamples).toHaveLength(1);
    for (const sample of report.malformedSamples) expect(Object.keys(sample)).toEqual(KEYS.malformedSample);
    expect(report.rules).toHaveLength(EXPECTED.size);
    for (const rule of report.rules) {
      expect(firstKeys(rule, KEYS.rule)).toEqual(KEYS.rule);
      expect(Object.keys(rule.peer)).toEqual(KEYS.peer);
      for (const port of rule.ports) expect(firstKeys(port, KEYS.port)).toEqual(KEYS.port);
      expect(rule.verdict.kind).toBe(EXPECTED.get(rule.ruleId)?.verdict.kind);
    }
  });

  test('speaks of the three days of the logs, as of the latest end', () => {
    const ends = sampleLogs.flatMap(({ text }) => {
      const [header = '', ...lines] = text.trimEnd().split('\n');
      const column = header.split(' ').indexOf('end');
      return lines.map((line) => Number(line.split(' ')[column] ?? 0));
    });
    const latest = new Date(1000 * Math.max(...ends)).toISOString().replace('.000Z', 'Z');
    expect(report).toMatchObject({
      asOf: latest,
      windowDays: 3,
      window: { from: '2026-01-12', to: '2026-01-14' },
      ageKnownSince: null,
      observedBy: 'flowLogs',
    });
    expect(report.asOf).toMatch(ISO_SECONDS);
  });

  test('names the unreadable line by file, line and reason', () => {
    const cut = sampleLogs.find(({ path }) => path.includes('20260113T1205Z_e8127f6c'))!;
    expect(report.malformedSamples).toEqual([{ file: cut.path, line: 28, reason: '5 fields instead of 18' }]);
  });

  test('lists rules by group id, then rule id', () => {
    const ids = report.rules.map(({ groupId, ruleId }) => `${groupId} ${ruleId}`);
    expect(ids).toEqual(ids.toSorted(compareText));
    expect(new Set(report.rules.map(({ groupId }) => groupId)).size).toBe(8);
  });

  test('tells each rule as the inventory has it', async () => {
    const text = await readFile(join(SAMPLE, 'inventory/security-group-rules.json'), 'utf8');
    const { SecurityGroupRules } = JSON.parse(text) as { SecurityGroupRules: Record<string, unknown>[] };
    expect(SecurityGroupRules).toHaveLength(report.rules.length);
    for (const raw of SecurityGroupRules) {
      const hasPorts = raw.IpProtocol === 'tcp' || raw.IpProtocol === 'udp';
      const group = raw.ReferencedGroupInfo as { GroupId: string } | undefined;
      expect(report.rules.find((rule) => rule.ruleId === raw.SecurityGroupRuleId)).toMatchObject({
        groupId: raw.GroupId,
        direction: raw.IsEgress === true ? 'egress' : 'ingress',
        protocol: raw.IpProtocol,
        fromPort: hasPorts ? raw.FromPort : null,
        toPort: hasPorts ? raw.ToPort : null,
        peer: { value: raw.CidrIpv4 ?? raw.CidrIpv6 ?? raw.PrefixListId ?? group?.GroupId },
        description: raw.Description ?? '',
      });
    }
    const types = ['60101', '60102', '60105', '60205'].map((rule) => ruleOf(rule).peer.type);
    expect(types).toEqual(['cidrIpv4', 'cidrIpv6', 'group', 'prefixList']);
  });

  test('tells the last use of every used rule, and of no other, in UTC with seconds', () => {
    for (const { usedTimes, replyTimes, possibleTimes, lastUsed, lastPossible } of report.rules) {
      if (usedTimes + replyTimes > 0) expect(lastUsed).toMatch(ISO_SECONDS);
      else expect(lastUsed).toBeNull();
      if (possibleTimes > 0) expect(lastPossible).toMatch(ISO_SECONDS);
      else expect(lastPossible).toBeNull();
      expect((lastUsed ?? '') <= report.asOf).toBe(true);
    }
    // The end of the bastion's session and of the one IPv6 visit, as the logs have them.
    expect(ruleOf('60401').lastUsed?.slice(0, 10)).toBe('2026-01-12');
    expect(ruleOf('60102').lastUsed?.slice(0, 10)).toBe('2026-01-13');
  });

  test('the service ports of a rule add up to its uses', () => {
    for (const { ports, usedTimes, replyTimes } of report.rules) {
      expect(ports.reduce((sum, port) => sum + port.usedTimes, 0)).toBe(usedTimes);
      expect(ports.reduce((sum, port) => sum + port.replyTimes, 0)).toBe(replyTimes);
    }
    expect(ruleOf('60101').ports).toEqual([
      { protocol: 'tcp', fromPort: 443, toPort: 443, usedTimes: 24, replyTimes: 24 },
    ]);
  });

  test('says why, and of a rule that untracked replies pass by, what removing it cuts', () => {
    const cuts = report.rules.filter(({ why }) => why.includes('removing it cuts'));
    expect(cuts.map(({ ruleId, untrackedReplies }) => [ruleId.slice(-5), untrackedReplies])).toEqual([['60106', 1]]);
    expect(ruleOf('60106').why).toMatch(/^unused; .*untracked connections/);
    expect(report.rules.filter(({ why }) => why === '')).toEqual([]);
  });
});

describe('usage.csv of the sample', () => {
  const kindOf = (text: string): string | number => (/^-?\d+$/.test(text) ? Number(text) : text);

  test('read back says the same as usage.json', () => {
    const rows = parse<Record<string, string>>(csv, { columns: true });
    expect(rows).toHaveLength(report.rules.length);
    for (const [i, rule] of report.rules.entries()) {
      const row = Object.fromEntries(Object.entries(rows[i]!).map(([name, text]) => [name, kindOf(text)]));
      expect(row).toEqual({
        rule_id: rule.ruleId,
        sg_id: rule.groupId,
        sg_name: rule.groupName,
        direction: rule.direction,
        protocol: kindOf(rule.protocol),
        from_port: rule.fromPort ?? '',
        to_port: rule.toPort ?? '',
        icmp_type: rule.icmp?.type ?? '',
        icmp_code: rule.icmp?.code ?? '',
        peer_type: rule.peer.type,
        peer: rule.peer.value,
        peer_name: rule.peer.name ?? '',
        description: rule.description,
        verdict: rule.verdict.kind,
        why: rule.why,
        used_times: rule.usedTimes,
        sole_times: rule.soleTimes,
        primary_times: rule.primaryTimes,
        inferred_times: rule.inferredTimes,
        reply_times: rule.replyTimes,
        possible_times: rule.possibleTimes,
        untracked_replies: rule.untrackedReplies,
        packets: rule.packets,
        bytes: rule.bytes,
        last_used: rule.lastUsed ?? '',
        last_possible: rule.lastPossible ?? '',
        distinct_peers: rule.distinctPeers,
        rank: kindOf(String(rule.rank.score)),
        observed_days: rule.evidence.observedDays,
        interface_days: rule.evidence.interfaceDays,
        known_since: rule.evidence.knownSince ?? '',
        used_until: rule.wentQuiet?.lastDay ?? '',
        quiet_days: rule.wentQuiet?.quietDays ?? '',
        known_by: '',
        made_by: '',
        made_at: '',
        edited_by: '',
        edited_at: '',
        owner: '',
        owner_from: '',
        attached_to: (rule.attachedTo ?? []).join('; '),
        account_id: Number(rule.accountId),
        region: rule.region,
        vpc_id: rule.vpcId,
        account_name: '',
      });
    }
  });

  test('has lines that end in CRLF, the last included', () => {
    expect(csv.split('\r\n')).toHaveLength(EXPECTED.size + 2);
    expect(csv).toMatch(/\r\n$/);
  });
});

describe('the summary of the sample', () => {
  const lines = (): string[] => run.stdout.split('\n');

  test('is text without control characters', () => {
    expect(run.stdout.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });

  test('starts with what was read, and what became of it', () => {
    expect(lines().slice(0, 2)).toEqual([
      expect.stringMatching(/^2026-01-12 to 2026-01-14 \(3 days\), as of 2026-01-14T\d\d:\d\d:\d\dZ$/),
      '30 rules, 9 interfaces, 75 files, 333 records',
    ]);
    const shown = /^Records +(.*(?:\n {10}.*)*)$/m
      .exec(run.stdout)![1]!
      .replaceAll(/\s+/g, ' ')
      .split(', ')
      .map((part) => part.split(' '));
    const counted = FATES.map((fate) => [fate, EXPECTED_RECORDS[fate]] as const).filter(([, times]) => times > 0);
    expect(new Map(shown.map(([times, fate]) => [fate, Number(times)]))).toEqual(new Map<unknown, number>(counted));
    expect(run.stdout).toMatch(/^Coverage +96\.7 % of the accepted records/m);
    expect(run.stdout).toMatch(
      /^Note +1 line could not be read, the first:\s+\S*_e8127f6c\.log:28:\s+5 fields instead/m,
    );
    expect(run.stdout).toMatch(/^Note +prefix list pl-0a1b2c3d4e5f60002 is named by a rule/m);
  });

  test('counts the verdicts', () => {
    const counted = [...run.stdout.matchAll(/^│ (\w+) +│ +(\d+) │/gm)].map(([, kind, number]) => [kind, number]);
    expect(counted).toEqual([
      ['active', '14'],
      ['exempt', '1'],
      ['notObserved', '7'],
      ['redundant', '1'],
      ['unattached', '1'],
      ['stale', '6'],
    ]);
  });

  test('lists each rule that asks for a decision once, by verdict, the ones to act on last, and where the rest is', () => {
    const listed = [...run.stdout.matchAll(/^(\w+) +\S+: (?:in|out) [^]*?\((sgr-\w+)\s+of\s+sg-\w+\)$/gm)].map(
      ([, kind, ruleId]) => `${kind} ${ruleId}`,
    );
    const rankOf = (ruleId: string): number => report.rules.find((rule) => rule.ruleId === ruleId)!.rank.score;
    const decided = ['notObserved', 'redundant', 'unattached', 'stale'].flatMap((kind) =>
      [...EXPECTED]
        .filter(([, { verdict }]) => verdict.kind === kind)
        .sort(([a], [b]) => rankOf(b) - rankOf(a))
        .slice(0, 5)
        .map(([ruleId]) => `${kind} ${ruleId}`),
    );
    expect(listed).toEqual(decided);
    expect(run.stdout).toMatch(/^ {12}… and 2 more notObserved$/m);
    expect(run.stdout).toMatch(/^ {12}… and 1 more stale$/m);
    expect(run.stdout).toMatch(
      /^stale {7}web-alb: in tcp 80 from 198\.51\.100\.192\/26\n {12}unused;[^(]*\(sgr-0a1b2c3d4e5f60103/m,
    );
    expect(run.stdout).toMatch(/^stale {7}web-alb: out all to ::\/0$/m);
    const [page, ...more] = ['report.html', 'usage.json', 'usage.csv', 'rules.parquet', 'usage.parquet'].map((name) =>
      folder.path(`out/${name}`),
    );
    expect(lines().find((line) => line.startsWith('Report'))).toBe(`Report    ${page!}`);
    expect(run.stdout.replaceAll(/\s+/g, ' ')).toMatch(new RegExp(`Also ${more.join(', ')} $`));
  });

  test('has tables of straight lines, and fits 80 columns but for paths', () => {
    const long = lines().filter((line) => line.length > 80 && !line.includes('/'));
    expect(long).toEqual([]);
    const widths = (start: RegExp): Set<number> =>
      new Set(
        run.stdout
          .split('\n\n')
          .find((block) => start.test(block))!
          .split('\n')
          .map((line) => line.length),
      );
    expect(widths(/^┌.*\n│ Verdict +│ Rules/).size).toBe(1);
  });
});
