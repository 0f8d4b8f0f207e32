import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { countFiles } from '../../services/command-line/files/counted-files.ts';
import { DATA_SET_COLUMNS } from '../../../shared/export/data-set.ts';
import { rulesExport } from '../../../shared/export/rules-export.ts';
import {
  DAY_COLUMN,
  RULES_EXPORT_KEY,
  EXPORTED_TABLES,
  TYPES,
  usageExportKey,
  type TableColumns,
} from '../../../shared/export/tables.ts';
import { usageExport } from '../../../shared/export/usage-export.ts';
import { parseRuleId, withVersionedRules } from '../../../shared/inventory/versioned-rules.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { rulesNamed } from '../../../shared/usage/addition.ts';
import type { RuleDay, Usage } from '../../../shared/usage/usage.ts';
import { removeScratchFolders } from '../../services/generate-account/generated.ts';
import { account, reportOf } from '../../world/account.ts';
import { DATABASE, exported, type Exported, type ReadRow } from './exported.ts';
import { isoDay } from '../../../shared/time.ts';
import { protocolName } from '../../../shared/protocols.ts';

/** Other tests run beside this one, on a small machine. */
jest.setTimeout(60_000);

const PLACE = { accountId: '111122223333', region: 'eu-central-1' };
const table = (name: keyof typeof EXPORTED_TABLES): string => `"${DATABASE}"."${name}"`;

let bed: Exported;
let usage: Usage;
let report: UsageReport;
/** Whole days: of less, nothing is called stale. */
const DAYS = ['2026-01-05', '2026-01-06'];

beforeAll(async () => {
  const { inventory: plain, files } = await account({
    seed: 7,
    interfaces: 40,
    rules: 300,
    records: 6000,
    minutes: 2 * 1440,
    deliveryMinutes: 60,
  });
  const inventory = withVersionedRules(plain);
  ({ usage } = await countFiles(files, inventory));
  report = await reportOf(inventory, files);
  bed = await exported();
  for (const iso of DAYS) {
    const day = Date.parse(iso) / 86_400_000;
    bed.put(usageExportKey(iso), usageExport(day, usage, rulesNamed(usage, inventory.rules), PLACE));
  }
  bed.put(RULES_EXPORT_KEY, rulesExport(report, inventory, PLACE));
  await bed.asDataSet('shown');
});
afterAll(() => {
  bed.remove();
  removeScratchFolders();
});

/** Every day of every rule that was used, as the core has it. */
function ruleDays(): { ruleId: string; day: string; use: RuleDay }[] {
  return [...usage.rules].flatMap(([ruleId, days]) =>
    [...days].map(([day, use]) => ({ ruleId, day: isoDay(day), use })),
  );
}

const byText = (rows: readonly unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
const time = (seconds: number): Date | null => (seconds < 0 ? null : new Date(seconds * 1000));

/** Sums by key; keys without anything are left out. */
function sums(entries: Iterable<readonly [key: string, times: number]>): Map<string, number> {
  const sum = new Map<string, number>();
  for (const [key, times] of entries) if (times > 0) sum.set(key, (sum.get(key) ?? 0) + times);
  return new Map([...sum].sort(([a], [b]) => (a < b ? -1 : 1)));
}

test('the account has what the tests are about', () => {
  expect(new Set(ruleDays().map(({ day }) => day))).toEqual(new Set(DAYS));
  expect(report.rules.filter(({ usedTimes, replyTimes }) => usedTimes + replyTimes === 0).length).toBeGreaterThan(50);
  expect(new Set(report.rules.map(({ verdict }) => verdict.kind)).size).toBeGreaterThan(3);
  expect(new Set(ruleDays().flatMap(({ use }) => [...use.ports.values()].map((it) => it.protocol)))).toContain(1);
});

describe('the usage table', () => {
  test('has the counters of every rule and day', async () => {
    const rows = await bed.rows(
      `SELECT rule_id || '@' || content AS rule, day, used_times, sole_times, primary_times, inferred_times, reply_times,
         possible_times, untracked_replies, packets, bytes, last_used, last_possible
       FROM ${table('usage')} WHERE detail = 'day'`,
    );
    const expected = ruleDays().map(({ ruleId, day, use }) => ({
      rule: ruleId,
      day,
      used_times: use.usedTimes,
      sole_times: use.soleTimes,
      primary_times: use.primaryTimes,
      inferred_times: use.inferredTimes,
      reply_times: use.replyTimes,
      possible_times: use.possibleTimes,
      untracked_replies: use.untrackedReplies,
      packets: use.packets,
      bytes: use.bytes,
      last_used: time(use.lastUsed),
      last_possible: time(use.lastPossible),
    }));
    expect(byText(rows)).toEqual(byText(expected));
  });

  test('has their ports and their hours', async () => {
    const ports = await bed.rows(
      `SELECT rule_id || '@' || content AS rule, day, protocol, from_port, to_port, port_used_times, port_reply_times
       FROM ${table('usage')} WHERE detail = 'port'`,
    );
    const hours = await bed.rows(
      `SELECT rule_id || '@' || content AS rule, day, hour, hour_used_times FROM ${table('usage')} WHERE detail = 'hour'`,
    );
    expect(byText(ports)).toEqual(
      byText(
        ruleDays().flatMap(({ ruleId, day, use }) =>
          [...use.ports.values()].map(({ protocol, bucket, usedTimes, replyTimes }) => ({
            rule: ruleId,
            day,
            protocol: protocolName(protocol),
            from_port: bucket?.from ?? null,
            to_port: bucket?.to ?? null,
            port_used_times: usedTimes,
            port_reply_times: replyTimes,
          })),
        ),
      ),
    );
    expect(byText(hours)).toEqual(
      byText(
        ruleDays().flatMap(({ ruleId, day, use }) =>
          use.hours.flatMap((times, hour) =>
            times === 0 ? [] : [{ rule: ruleId, day, hour, hour_used_times: times }],
          ),
        ),
      ),
    );
  });

  test('adds up to the same whatever kind of row the figures are in', async () => {
    const [sum] = await bed.rows(
      `SELECT sum(used_times) AS used, sum(port_used_times) AS by_port, sum(hour_used_times) AS by_hour,
         sum(reply_times) AS replies, sum(port_reply_times) AS replies_by_port FROM ${table('usage')}`,
    );
    const used = ruleDays().reduce((total, { use }) => total + use.usedTimes, 0);
    const replies = ruleDays().reduce((total, { use }) => total + use.replyTimes, 0);
    expect(sum).toEqual({ used, by_port: used, by_hour: used, replies, replies_by_port: replies });
  });
});

test('the rules table has every rule of the report, used or not, with what the report says', async () => {
  const rows = await bed.rows(
    `SELECT rule_id || '@' || content AS rule, group_id, group_name, direction, protocol, from_port, to_port, peer, verdict,
       reason, why, used_times, reply_times, possible_times, bytes, last_used, window_days, vpc_id <> '' AS has_vpc
     FROM ${table('rules')}`,
  );
  expect(byText(rows)).toEqual(
    byText(
      report.rules.map((rule) => ({
        rule: rule.ruleId,
        group_id: rule.groupId,
        group_name: rule.groupName,
        direction: rule.direction,
        protocol: rule.protocol,
        from_port: rule.fromPort,
        to_port: rule.toPort,
        peer: rule.peer.value,
        verdict: rule.verdict.kind,
        reason: rule.verdict.kind === 'notObserved' ? rule.verdict.reason : null,
        why: rule.why,
        used_times: rule.usedTimes,
        reply_times: rule.replyTimes,
        possible_times: rule.possibleTimes,
        bytes: rule.bytes,
        last_used: rule.lastUsed === null ? null : new Date(rule.lastUsed),
        window_days: report.windowDays,
        has_vpc: true,
      })),
    ),
  );
});

describe('the schema', () => {
  /** What DuckDB calls the types of Glue. */
  const IN_DUCKDB: Readonly<Record<string, string>> = {
    string: 'VARCHAR',
    int: 'INTEGER',
    bigint: 'BIGINT',
    double: 'DOUBLE',
    timestamp: 'TIMESTAMP',
  };

  test.each(Object.entries(EXPORTED_TABLES))('of %s is what a reader of Parquet sees', async (name, { columns }) => {
    const seen = await bed.rows(`DESCRIBE SELECT * FROM ${table(name as keyof typeof EXPORTED_TABLES)}`);
    const declared = Object.entries(columns as TableColumns).map(([column, { type }]) => [
      column,
      IN_DUCKDB[TYPES[type].glue],
    ]);
    expect(seen.map(({ column_name, column_type }) => [column_name, column_type])).toEqual(
      name === 'usage' ? [...declared, [DAY_COLUMN, 'VARCHAR']] : declared,
    );
  });

  test.each(Object.entries(EXPORTED_TABLES))('of %s can be kept in the Glue catalog', (_name, { columns }) => {
    for (const [column, { comment }] of Object.entries(columns as TableColumns)) {
      expect(column).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(comment.length).toBeLessThanOrEqual(255);
    }
  });

  test('of the data set is what its query yields', async () => {
    const kinds: Readonly<Record<string, string>> = {
      VARCHAR: 'STRING',
      INTEGER: 'INTEGER',
      BIGINT: 'INTEGER',
      DOUBLE: 'DECIMAL',
      TIMESTAMP: 'DATETIME',
    };
    const seen = await bed.rows('DESCRIBE shown');
    expect(seen.map(({ column_name: name, column_type }) => ({ name, type: kinds[String(column_type)] }))).toEqual(
      DATA_SET_COLUMNS,
    );
  });
});

describe('the data set', () => {
  test('has every rule on every day, and of each what the report says', async () => {
    const rows = await bed.rows(
      `SELECT rule_id, verdict, sum(used_times) AS used, sum(records) AS records, sum(bytes) AS bytes, sum(possible_times)
         AS possible, count(DISTINCT day) AS days, max(last_used) AS last FROM shown GROUP BY rule_id, verdict`,
    );
    expect(byText(rows)).toEqual(
      byText(
        report.rules.map((rule) => ({
          rule_id: parseRuleId(rule.ruleId).ruleId,
          verdict: rule.verdict.kind,
          used: rule.usedTimes,
          records: rule.usedTimes + rule.replyTimes,
          bytes: rule.bytes,
          possible: rule.possibleTimes,
          days: DAYS.length,
          last: rule.lastUsed === null ? null : new Date(rule.lastUsed),
        })),
      ),
    );
  });

  const mapOf = (rows: readonly ReadRow[]) => sums(rows.map(({ key, times }) => [String(key), Number(times)]));

  test('draws port × protocol', async () => {
    const rows = await bed.rows(
      `SELECT protocol || ' ' || port AS key, sum(port_records) AS times FROM shown WHERE detail = 'port' GROUP BY key`,
    );
    const ports = ruleDays().flatMap(({ use }) => [...use.ports.values()]);
    expect(mapOf(rows)).toEqual(
      sums(
        ports.map(({ protocol, bucket, usedTimes, replyTimes }) => {
          const range = bucket && (bucket.from === bucket.to ? `${bucket.from}` : `${bucket.from}-${bucket.to}`);
          return [`${protocolName(protocol)} ${range ?? 'no port'}`, usedTimes + replyTimes];
        }),
      ),
    );
  });

  test('draws hour × day', async () => {
    const rows = await bed.rows(
      `SELECT substr(CAST(day AS varchar), 1, 10) || ' ' || hour AS key, sum(hour_requests) AS times
       FROM shown WHERE detail = 'hour' GROUP BY key`,
    );
    expect(mapOf(rows)).toEqual(
      sums(ruleDays().flatMap(({ day, use }) => use.hours.map((times, hour) => [`${day} ${hour}`, times] as const))),
    );
  });

  test('draws rule × direction, a used rule by the verdict of now on days gone by', async () => {
    const rows = await bed.rows(
      `SELECT rule_id || ' ' || direction AS key, sum(records) AS times FROM shown
       WHERE verdict = 'active' AND day = TIMESTAMP '2026-01-05' GROUP BY key`,
    );
    const active = new Map(
      report.rules.flatMap((rule) => (rule.verdict.kind === 'active' ? [[rule.ruleId, rule] as const] : [])),
    );
    expect(mapOf(rows)).toEqual(
      sums(
        ruleDays().flatMap(({ ruleId, day, use }) => {
          const rule = active.get(ruleId);
          if (!rule || day !== '2026-01-05') return [];
          return [[`${parseRuleId(ruleId).ruleId} ${rule.direction}`, use.usedTimes + use.replyTimes] as const];
        }),
      ),
    );
  });
});

test('a day written again takes the place of what was there', async () => {
  const other = await exported();
  const facts = new Map(report.rules.map((rule) => [rule.ruleId, rule]));
  for (const iso of ['2026-01-06', '2026-01-05']) {
    const bytes = usageExport(Date.parse(iso) / 86_400_000, usage, facts, PLACE);
    other.put(usageExportKey('2026-01-05'), bytes);
  }
  const rows = await other.rows(`SELECT count(*) AS rows FROM ${table('usage')} WHERE detail = 'day'`);
  other.remove();
  expect(rows).toEqual([{ rows: ruleDays().filter(({ day }) => day === '2026-01-05').length }]);
});

describe('the statements of the README', () => {
  const readme = readFileSync(join(import.meta.dirname, '../../../shared/export/README.md'), 'utf8');
  const statements = [...readme.matchAll(/^SELECT .*$/gm)].map(([statement]) => statement);

  test.each(statements)('%s', async (statement) => {
    const named = statement.replaceAll(/\b(FROM|JOIN) (usage|rules)\b/g, `$1 "${DATABASE}".$2`);
    expect((await bed.rows(named)).length).toBeGreaterThan(0);
  });

  test('are found', () => {
    expect(statements).toHaveLength(4);
  });
});

test('the order in which usage was gathered leaves no trace', () => {
  const day = Date.parse('2026-01-05') / 86_400_000;
  const facts = new Map(report.rules.map((rule) => [rule.ruleId, rule]));
  const backwards = new Map(
    [...usage.rules]
      .reverse()
      .map(([id, days]) => [
        id,
        new Map([...days].map(([it, use]) => [it, { ...use, ports: new Map([...use.ports].reverse()) }])),
      ]),
  );
  const bytes = usageExport(day, usage, facts, PLACE);
  expect(Buffer.from(usageExport(day, { ...usage, rules: backwards }, facts, PLACE)).equals(bytes)).toBe(true);
});
