import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { TrinoSQL } from 'dt-sql-parser/dist/parser/trino/index.js';
import { dataSetSql } from '../../../shared/export/data-set.ts';
import { rulesExport } from '../../../shared/export/rules-export.ts';
import { RULES_EXPORT_KEY, usageExportKey } from '../../../shared/export/tables.ts';
import { usageExport } from '../../../shared/export/usage-export.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { withVersionedRules } from '../../../shared/inventory/versioned-rules.ts';
import { reportOfUsage } from '../../../shared/reports/report-of-usage.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { rulesNamed } from '../../../shared/usage/addition.ts';
import { emptyUsage, ruleDay, type Usage } from '../../../shared/usage/usage.ts';
import { awsRule, inventoryOf } from '../inventory/aws-shorthand.ts';
import { DATABASE, exported, type Exported } from './exported.ts';
import { isoDay } from '../../../shared/time.ts';

/** Other tests run beside this one, on a small machine. */
jest.setTimeout(60_000);

const PLACE = { accountId: '111122223333', region: 'eu-central-1' };
const DAY = Date.parse('2026-01-05') / 86_400_000;

let bed: Exported;
beforeEach(async () => {
  bed = await exported();
});
afterEach(() => {
  bed.remove();
});

/** Rules by id, in shorthand, all of the group `sg-1`. */
function account(rules: Readonly<Record<string, string>>, groupName = 'web', description = ''): Inventory {
  return withVersionedRules(
    inventoryOf({
      groups: [{ GroupId: 'sg-1', GroupName: groupName, VpcId: 'vpc-1' }],
      rules: Object.entries(rules).map(([SecurityGroupRuleId, text]) =>
        awsRule(text, { SecurityGroupRuleId, Description: description }),
      ),
    }),
  );
}

/** A report that calls every rule stale, as of the end of `day`. */
function reportOf(inventory: Inventory, day = DAY): UsageReport {
  const counted = { inventory, usage: emptyUsage(), malformedSamples: [], source: 'read' as const };
  const report = reportOfUsage(counted, { asOf: (day + 1) * 86_400, windowDays: 1, rulesKnownSince: undefined });
  return { ...report, rules: report.rules.map((rule) => ({ ...rule, verdict: { kind: 'stale', ageUnknown: false } })) };
}

/** Every rule of the inventory was used so many times that day. */
function useOf(inventory: Inventory, usedTimes: number, day = DAY): Usage {
  const usage = emptyUsage();
  for (const { ruleId } of inventory.rules) ruleDay(usage, ruleId, day).usedTimes = usedTimes;
  return usage;
}

function putRules(inventory: Inventory, day = DAY, place = PLACE, key = RULES_EXPORT_KEY): void {
  bed.put(key, rulesExport(reportOf(inventory, day), inventory, place));
}

function putUsage(
  inventory: Inventory,
  usedTimes: number,
  day = DAY,
  place = PLACE,
  key = usageExportKey(isoDay(day)),
) {
  const usage = useOf(inventory, usedTimes, day);
  bed.put(key, usageExport(day, usage, rulesNamed(usage, inventory.rules), place));
}

/** `'sgr-1 stale 3'` for each rule: its verdict and its records, in the last `days`. */
async function shown(days?: number): Promise<string[]> {
  await bed.asDataSet('shown', days);
  const rows = await bed.rows(
    'SELECT rule_id, verdict, sum(records) AS records FROM shown GROUP BY account_id, region, rule_id, verdict ORDER BY ALL',
  );
  return rows.map(({ rule_id, verdict, records }) => [rule_id, verdict, records].map(String).join(' '));
}

const HTTPS = 'in tcp 443 0.0.0.0/0';
const SSH = 'in tcp 22 10.0.0.0/8';

describe('the data set', () => {
  test('has rules that were never used, even before any usage is there', async () => {
    putRules(account({ 'sgr-1': HTTPS }));
    putUsage(account({}), 0);
    expect(await shown()).toEqual(['sgr-1 stale 0']);
    // A report as of midnight is of the day that ended.
    expect(await bed.rows('SELECT DISTINCT day FROM shown')).toEqual([{ day: new Date('2026-01-05') }]);
  });

  test('gives no use of what a rule said before it was edited to what it says now', async () => {
    putRules(account({ 'sgr-1': SSH }));
    putUsage(account({ 'sgr-1': HTTPS }), 3);
    expect(await shown()).toEqual(['sgr-1 gone 3', 'sgr-1 stale 0']);
  });

  test('gives the use of a rule to the one that was made again in its place', async () => {
    putRules(account({ 'sgr-new': HTTPS }));
    putUsage(account({ 'sgr-old': HTTPS }), 3);
    expect(await shown()).toEqual(['sgr-new stale 3']);
  });

  test('keeps the use of a rule that was removed, with its group', async () => {
    putRules(account({ 'sgr-1': SSH }));
    putUsage(account({ 'sgr-1': SSH, 'sgr-2': HTTPS }), 3);
    expect(await shown()).toEqual(['sgr-1 stale 3', 'sgr-2 gone 3']);
    expect(await bed.rows('SELECT DISTINCT group_label, vpc_id FROM shown')).toEqual([
      { group_label: 'sg-1 web', vpc_id: 'vpc-1' },
    ]);
  });

  test('counts no use twice where two rules say the same', async () => {
    const twice = { 'sgr-1': HTTPS, 'sgr-2': HTTPS };
    putRules(account(twice));
    putUsage(account(twice), 3);
    putUsage(account({ 'sgr-0': HTTPS }), 4, DAY + 1);
    expect(await shown()).toEqual(['sgr-1 stale 7', 'sgr-2 stale 3']);
  });

  test('keeps accounts and regions apart, should their files lie in one bucket', async () => {
    const one = account({ 'sgr-1': HTTPS });
    const others = [
      { ...PLACE, accountId: '444455556666' },
      { ...PLACE, region: 'us-east-1' },
    ];
    putRules(one);
    others.forEach((place, i) => {
      putRules(one, DAY, place, `exports/rules/other-${i}.parquet`);
      putUsage(one, 3 + i, DAY, place, `exports/usage/day=${isoDay(DAY)}/other-${i}.parquet`);
    });
    expect((await shown()).sort()).toEqual(['sgr-1 stale 0', 'sgr-1 stale 3', 'sgr-1 stale 4']);
  });

  test('ends so many days ago', async () => {
    const [{ today } = { today: 0 }] = await bed.rows('SELECT CAST(current_date AS varchar) AS today');
    const day = Date.parse(String(today)) / 86_400_000;
    const one = account({ 'sgr-1': HTTPS });
    putRules(one, day - 1);
    [1, 10, 11, 200].forEach((ago) => {
      putUsage(one, ago, day - ago);
    });
    expect(await shown(10)).toEqual(['sgr-1 stale 11']);
  });

  test('is asked for in words that Athena understands', () => {
    const trino = new TrinoSQL();
    expect(trino.validate(`${dataSetSql(DATABASE)};`)).toEqual([]);
    expect(trino.validate(`${dataSetSql(DATABASE).replace('SELECT', 'SELECT,')};`)).not.toEqual([]);
  });

  test('is of a database that has a plain name', () => {
    expect(() => dataSetSql('a"; DROP TABLE b')).toThrow('is not the name of a database');
  });
});

describe("other people's text", () => {
  const NAMES = [
    '<script>alert(1)</script>',
    '=HYPERLINK("http://example.com","x")',
    `'; DROP TABLE rules; --`,
    '\u202egnp.exe',
    '\0\r\n\t"',
    '👩‍💻 ẞ ﷽',
    'x'.repeat(255),
    '',
  ];

  test.each(NAMES.map((name) => [name.slice(0, 40), name]))('%j survives', async (_short, name) => {
    putRules(account({ 'sgr-1': HTTPS }, name, name));
    putUsage(account({}), 0);
    const [row] = await bed.rows(`SELECT group_name, description FROM "${DATABASE}".rules`);
    expect(row).toEqual({ group_name: name, description: name });
    await bed.asDataSet('shown');
    expect(await bed.rows('SELECT DISTINCT group_label FROM shown')).toEqual([{ group_label: `sg-1 ${name}` }]);
  });

  test('half a character becomes the one for what is none', async () => {
    putRules(account({ 'sgr-1': HTTPS }, 'a\ud800b'));
    expect(await bed.rows(`SELECT group_name FROM "${DATABASE}".rules`)).toEqual([{ group_name: 'a\ufffdb' }]);
  });

  test('begins no cell of the data set', async () => {
    const hostile = '=1+1';
    putRules(account({ 'sgr-1': HTTPS }, hostile, hostile));
    putUsage(account({ 'sgr-1': SSH }), 1);
    await bed.asDataSet('shown');
    const cells = (await bed.rows('SELECT * FROM shown')).flatMap((row) => Object.values(row));
    expect(cells.filter((cell) => String(cell).includes(hostile)).length).toBeGreaterThan(0);
    expect(cells.filter((cell) => String(cell).startsWith(hostile))).toEqual([]);
  });
});

describe('an export', () => {
  const inventory = account({ 'sgr-1': HTTPS });
  const usage = useOf(inventory, 1);
  const [ruleId] = usage.rules.keys();

  test('of use whose rule is not known is refused by name', () => {
    expect(() => usageExport(DAY, usage, new Map(), PLACE)).toThrow(ruleId);
  });

  test('of use whose rule is known by its id alone is refused by name', () => {
    const plain = emptyUsage();
    ruleDay(plain, 'sgr-1', DAY);
    const facts = new Map([['sgr-1', inventory.rules[0]!]]);
    expect(() => usageExport(DAY, plain, facts, PLACE)).toThrow('sgr-1: ');
  });

  test('of a report of other rules is refused by name', () => {
    expect(() => rulesExport(reportOf(inventory), account({}), PLACE)).toThrow(ruleId);
  });

  test('has the same content for a rule, be its id given with it or without', async () => {
    const plain = { ...inventory, rules: inventory.rules.map((rule) => ({ ...rule, ruleId: 'sgr-1' })) };
    putRules(inventory);
    const [before] = await bed.rows(`SELECT rule_id, content FROM "${DATABASE}".rules`);
    putRules(plain);
    expect(await bed.rows(`SELECT rule_id, content FROM "${DATABASE}".rules`)).toEqual([before]);
    expect(`${String(before!.rule_id)}@${String(before!.content)}`).toBe(ruleId);
  });
});
