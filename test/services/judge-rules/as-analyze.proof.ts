// Costs about half a minute.
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInventory } from '../../../services/command-line/files/read-inventory.ts';
import { ENVIRONMENT } from '../../../shared/names.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { describeWithDynamoDb } from '../../beds/describe-with-dynamodb.ts';
import { hearAllHours, withOwnEvidence } from '../../world/own-evidence.ts';
import { runMain } from '../command-line/program.ts';
import { generated, removeScratchFolders, scratchFolder } from '../generate-account/generated.ts';
import { describedIn } from '../reconcile-usage/deployed-account.ts';
import { JudgedAccount, repeatedDays } from './judged-account.ts';

jest.setTimeout(240_000);
afterAll(removeScratchFolders);

/** As many as a narrower rule needs. */
const DAYS = 7;
/** More days are kept than any window reaches back; each costs a question. */
const KNOWN = { [ENVIRONMENT.rulesKnownSince]: '2025-01-01', [ENVIRONMENT.retentionDays]: '20' };
const window = (days: number) => ({ ...KNOWN, [ENVIRONMENT.windowDays]: String(days) });

/** Every TCP record shows its SYN and one inventory stands throughout: then all three ways of counting say the same. */
describeWithDynamoDb('a deployed account whose days were settled is judged as `analyze` judges its files', (dynamo) => {
  let deployed: JudgedAccount;
  let out: string;
  let logs: string;
  let days: ReturnType<typeof repeatedDays>;

  beforeAll(async () => {
    const made = await generated({ records: 800, minutes: 120, format: 'v5', deliveryMinutes: 60 });
    ({ out } = made);
    logs = scratchFolder();
    const inventory = await readInventory(join(out, 'inventory'));
    const one = await withOwnEvidence(join(out, 'logs'), scratchFolder(), inventory);
    hearAllHours(one, '2026-01-05');
    days = repeatedDays(one, logs, DAYS);
    deployed = await JudgedAccount.start('analyzed', dynamo());
    await deployed.account.publish(describedIn(out), '2026-01-04T12:00:00Z');
    for (const [day, keys] of days) {
      await deployed.account.deliver(logs, keys);
      await deployed.account.count(logs, keys);
      await deployed.night(day);
    }
  });
  afterAll(async () => deployed.stop());

  /** Of lines that cannot be read, who has the files shows some. */
  const beside = (report: UsageReport) => without(report, 'rules', 'findings', 'plan', 'malformedSamples');

  async function analyzed(windowDays: number, inventory = join(out, 'inventory')): Promise<UsageReport> {
    const to = scratchFolder();
    const { status, stderr } = await runMain([
      ...['analyze', '--inventory', inventory, '--logs', logs, '--out', to],
      ...['--as-of', '2026-01-12T00:00:00Z', '--window-days', String(windowDays), '--rules-known-since', '2025-01-01'],
    ]);
    expect([status, stderr]).toEqual([0, expect.any(String)]);
    return JSON.parse(readFileSync(join(to, 'usage.json'), 'utf8')) as UsageReport;
  }

  test('over all days: rules with verdicts, ranks and evidence; findings, plan, narrower rules, and the records', async () => {
    const [night, files] = [await deployed.judged('2026-01-12T03:30:00Z', window(DAYS)), await analyzed(DAYS)];
    expect(night.rules.length).toBeGreaterThan(50);
    expect(night.rules).toEqual(files.rules);
    expect(night.rules.filter(({ narrower }) => narrower !== null).length).toBeGreaterThan(0);
    expect(new Set(night.rules.map(({ verdict }) => verdict.kind)).size).toBeGreaterThan(2);
    expect(night.findings).toEqual(files.findings);
    // Each says where its evidence is from.
    const source = expect.any(String);
    const evidence = { ...files.plan!.evidence, source };
    expect(night.plan).toEqual({ ...files.plan!, evidence });
    const { days, ...rest } = beside(night);
    const { days: daysOfFiles, ...restOfFiles } = beside(files);
    // What taking the snapshot left unknown, it says besides.
    const inventoryProblems = expect.arrayContaining([...files.inventoryProblems]);
    expect(rest).toEqual({ ...restOfFiles, inventoryProblems });
    // All lines of a day are the night's, those that cannot be read too.
    const shape = {
      source,
      records: expect.any(Number),
      driftShare: expect.anything(),
      driftingRules: expect.anything(),
    };
    expect(days).toEqual(daysOfFiles.map((day) => ({ ...without(day, 'heldAgainst'), ...shape })));
    expect(days.map((day) => [day.source, day.driftShare, day.driftingRules, day.incomplete])).toEqual(
      days.map(() => ['reconciled', 0, 0, null]),
    );
    expect(days.reduce((sum, { records }) => sum + records, 0)).toBe(files.records.total);
  });

  test('over the last day alone, but for the times of earlier uses, and narrower rules of earlier evidence', async () => {
    const [night, files] = [await deployed.judged('2026-01-12T03:30:00Z', window(1)), await analyzed(1)];
    // Rows of last uses are true to the day.
    const dayOnly = ({ rules }: UsageReport) =>
      rules.map((rule) => ({
        ...without(rule, 'narrower'),
        lastUsed: rule.lastUsed?.slice(0, 10),
        lastPossible: rule.lastPossible?.slice(0, 10),
      }));
    expect(dayOnly(night)).toEqual(dayOnly(files));
    expect(night.rules.every(({ narrower }) => narrower === null)).toBe(true);
    expect(night.plan!.stages).toEqual(files.plan!.stages);
  });

  test('days on which nobody looked at the account are not watched, though the next look finds it unchanged', async () => {
    const looks = ['2026-01-04T18:00:00Z', '2026-01-05T23:00:00Z', '2026-01-06T00:10:00Z', '2026-01-11T05:00:00Z'];
    const stopped = await JudgedAccount.start('stopped', dynamo());
    try {
      const snapshots = scratchFolder();
      for (const at of looks) {
        await stopped.account.publish(describedIn(out), at);
        cpSync(join(out, 'inventory'), join(snapshots, at.replaceAll(':', '-')), { recursive: true });
      }
      // As a backfill does, once snapshots are taken again.
      for (const [day, keys] of days) {
        await stopped.account.deliver(logs, keys);
        await stopped.account.count(logs, keys);
        await stopped.settle(day, `backfill of ${day}`);
      }
      const [night, files] = [
        await stopped.judged('2026-01-12T03:30:00Z', window(DAYS)),
        await analyzed(DAYS, snapshots),
      ];
      const unseen = ['2026-01-07', '2026-01-08', '2026-01-09', '2026-01-10'];
      for (const report of [night, files]) {
        expect(report.days.filter(({ outdated }) => outdated).map(({ day }) => day)).toEqual(unseen);
        const kinds = new Set(report.rules.map(({ verdict }) => verdict.kind));
        expect([...kinds].filter((kind) => kind === 'stale' || kind === 'redundant' || kind === 'unattached')).toEqual(
          [],
        );
        expect(report.rules.filter(({ verdict }) => verdict.kind === 'active').length).toBeGreaterThan(10);
      }
      expect(night.rules).toEqual(files.rules);
      expect(night.findings).toEqual(files.findings);
    } finally {
      await stopped.stop();
    }
  });
});

function without<T extends object, K extends keyof T & string>(value: T, ...names: K[]): Omit<T, K> {
  const kept = Object.entries(value).filter(([name]) => !(names as string[]).includes(name));
  return Object.fromEntries(kept) as Omit<T, K>;
}
