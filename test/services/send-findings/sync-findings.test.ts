import { describe, expect, test } from '@jest/globals';
import { securityHub } from '../../../services/send-findings/security-hub-adapter.ts';
import { HUB_BATCH, HubMissing, syncFindings } from '../../../services/send-findings/sync-findings.ts';
import { asffOf } from '../../../shared/security-findings/asff.ts';
import { securityFindings } from '../../../shared/security-findings/security-finding.ts';
import { reportOf } from '../send-report/reports.ts';
import { PlayedHub } from './played-hub.ts';
import { PLACE, reportOfPorts, staleRule, usedRule } from './reports-of-findings.ts';

type Report = Parameters<typeof syncFindings>[0];

class Night {
  readonly #place: typeof PLACE;
  hub = new PlayedHub();
  readonly warned: unknown[] = [];
  time = Date.parse('2026-02-01T04:00:00Z');
  minPriority = 0;
  /** What an import takes. */
  importMs = 0;

  constructor(deployment = PLACE.deployment) {
    this.#place = { ...PLACE, deployment };
  }

  async tell(report: Report) {
    const hub = securityHub(this.hub.client, this.#place, (_what, why) => this.warned.push(why));
    const slow = {
      ...hub,
      importBatch: (...args: Parameters<typeof hub.importBatch>) => {
        this.time += this.importMs;
        return hub.importBatch(...args);
      },
    };
    return syncFindings(report, {
      place: this.#place,
      minPriority: this.minPriority,
      hub: slow,
      now: () => new Date(this.time),
    });
  }

  async nextNight(report: Report, days = 1) {
    this.time += days * 86_400_000;
    return this.tell(report);
  }
}

const NONE = { ofOthers: 0, sent: 0, archived: 0, refused: [], left: 0 };

describe('the findings of Security Hub', () => {
  test('are those of the report; the same report twice changes nothing', async () => {
    const night = new Night();
    expect(await night.tell(reportOfPorts(22, 80))).toEqual({ ...NONE, findings: 2, sent: 2 });
    const before = structuredClone([...night.hub.stored]);
    expect(await night.nextNight(reportOfPorts(22, 80))).toEqual({ ...NONE, findings: 2 });
    expect([...night.hub.stored]).toEqual(before);
    expect(night.hub.imports).toHaveLength(1);
  });

  test('that a rule was used again are archived, later than they were said; and come back', async () => {
    const night = new Night();
    await night.tell(reportOfPorts(22, 80));
    expect(await night.nextNight(reportOf([usedRule(22), staleRule(80)]))).toEqual({
      ...NONE,
      findings: 1,
      archived: 1,
    });
    const [ssh, http] = [...night.hub.stored.values()];
    expect(ssh).toMatchObject({
      RecordState: 'ARCHIVED',
      CreatedAt: '2026-02-01T04:00:00.000Z',
      UpdatedAt: '2026-02-02T04:00:00.000Z',
    });
    expect(http).toMatchObject({ RecordState: 'ACTIVE', UpdatedAt: '2026-02-01T04:00:00.000Z' });
    // Archived ones are not asked for, and not archived again.
    expect(await night.nextNight(reportOf([usedRule(22), staleRule(80)]))).toEqual({ ...NONE, findings: 1 });
    expect(await night.nextNight(reportOfPorts(22, 80))).toEqual({ ...NONE, findings: 2, sent: 1 });
    expect(night.hub.active()).toHaveLength(2);
  });

  test('keep the time they were first said at, and what people have set', async () => {
    const night = new Night();
    await night.tell(reportOfPorts(22));
    const [[id, said]] = [...night.hub.stored] as [[string, object]];
    const set = { Workflow: { Status: 'SUPPRESSED' as const }, Severity: { Label: 'INFORMATIONAL' as const } };
    night.hub.stored.set(id, { ...(said as typeof set), ...set } as never);
    expect(await night.nextNight(reportOf([staleRule(22, 90)]))).toEqual({ ...NONE, findings: 1, sent: 1 });
    const changed = night.hub.stored.get(id)!;
    expect(changed).toMatchObject({ CreatedAt: '2026-02-01T04:00:00.000Z', UpdatedAt: '2026-02-02T04:00:00.000Z' });
    expect(changed.FindingProviderFields!.Severity!.Label).toBe('HIGH');
    expect([changed.Workflow, changed.Severity!.Label]).toEqual([set.Workflow, 'INFORMATIONAL']);
    await night.nextNight(reportOf([]));
    expect(night.hub.stored.get(id)).toMatchObject({ RecordState: 'ARCHIVED', Workflow: set.Workflow });
    // Nothing that is people's own was ever sent.
    expect(JSON.stringify(night.warned)).toBe('[]');
  });

  test('are said again before Security Hub forgets them', async () => {
    const night = new Night();
    await night.tell(reportOfPorts(22));
    expect(await night.nextNight(reportOfPorts(22), 29)).toMatchObject({ sent: 0 });
    expect(await night.nextNight(reportOfPorts(22), 1)).toMatchObject({ sent: 1 });
    expect(night.hub.active()[0]).toMatchObject({ CreatedAt: '2026-02-01T04:00:00.000Z' });
  });

  test('below the priority are not sent, and archived where they were', async () => {
    const night = new Night();
    const report = reportOf([staleRule(22, 80), staleRule(80, 30)]);
    await night.tell(report);
    night.minPriority = 80;
    expect(await night.nextNight(report)).toEqual({ ...NONE, findings: 1, archived: 1 });
  });

  test('of two rules that say the very same are one, and that of another account are not ours to say', async () => {
    const night = new Night();
    const twin = { ...staleRule(22, 90), ruleId: 'sgr-twin' };
    const theirs = staleRule(80, 50, { accountId: '444455556666' });
    const figures = await night.tell(
      reportOf([staleRule(22, 20), twin, theirs, staleRule(81, 50, { accountId: PLACE.accountId })]),
    );
    expect(figures).toEqual({ ...NONE, findings: 2, ofOthers: 1, sent: 2 });
    expect(night.hub.active().map(({ ProductFields }) => ProductFields!['stale-sg/ruleId'])).toEqual([
      'sgr-twin',
      'sgr-81',
    ]);
  });

  test('of others, and of other regions, stay as they are', async () => {
    const night = new Night();
    const [finding] = securityFindings(reportOfPorts(22));
    const ours = asffOf(finding!, PLACE, '2026-01-01T00:00:00Z');
    const elsewhere = asffOf(finding!, { ...PLACE, region: 'eu-west-1' }, '2026-01-01T00:00:00Z');
    night.hub.stored.set('a', { ...ours, Id: 'a', GeneratorId: 'their-tool/stale' });
    night.hub.stored.set('b', { ...elsewhere, Id: 'b' });
    const unlike = { ...ours, Id: 'c' } as Record<string, unknown>;
    delete unlike.Remediation;
    night.hub.stored.set('c', unlike as never);
    expect(await night.tell(reportOf([]))).toEqual({ ...NONE, findings: 0 });
    expect(night.hub.active()).toHaveLength(3);
    expect(night.warned).toEqual([{ id: 'c', error: expect.stringContaining('Remediation') }]);
  });
});

describe('two deployments of one account and region', () => {
  test('say the same of a rule beside each other, and archive nothing of each other or of what was imported by hand', async () => {
    const [one, other] = [new Night(), new Night('sg-analysis-b')];
    other.hub = one.hub;
    const [finding] = securityFindings(reportOfPorts(22));
    const byHand = asffOf(finding!, { ...PLACE, deployment: undefined }, '2026-01-01T00:00:00Z');
    one.hub.stored.set(byHand.Id, byHand);
    for (const night of [one, other]) {
      expect(await night.tell(reportOfPorts(22))).toEqual({ ...NONE, findings: 1, sent: 1 });
    }
    expect(new Set(one.hub.active().map(({ Id }) => Id)).size).toBe(3);
    // The one sees it used: the other has yet to look.
    expect(await one.nextNight(reportOf([usedRule(22)]))).toEqual({ ...NONE, findings: 0, archived: 1 });
    expect(one.hub.active().map(({ GeneratorId }) => GeneratorId)).toEqual([
      'stale-sg/stale',
      'stale-sg/sg-analysis-b/stale',
    ]);
    expect(await other.nextNight(reportOfPorts(22))).toEqual({ ...NONE, findings: 1 });
  });
});

describe('many findings', () => {
  const many = (count: number, from = 1) => reportOfPorts(...Array.from({ length: count }, (_, i) => from + i));

  test('go in batches of 100 and are read in pages of 100', async () => {
    const night = new Night();
    expect(await night.tell(many(250))).toMatchObject({ sent: 250 });
    expect(night.hub.imports.map(({ length }) => length)).toEqual([100, 100, 50]);
    night.hub.pages = 0;
    expect(await night.nextNight(many(250, 101))).toMatchObject({ sent: 100, archived: 100 });
    expect(night.hub.pages).toBe(3);
  });

  test('that are as long as can be fit into a batch', async () => {
    const night = new Night();
    const long = '\u{1f525}'.repeat(5000);
    const rules = Array.from({ length: HUB_BATCH }, (_, i) =>
      staleRule(i + 1, 50, { groupName: long, why: long, vpcId: long }),
    );
    expect(await night.tell(reportOf(rules))).toMatchObject({ sent: HUB_BATCH });
    expect(Buffer.byteLength(JSON.stringify([...night.hub.stored.values()]))).toBeLessThan(3.5e6);
  });

  test('that there is no time for are told, archived ones go first', async () => {
    const night = new Night();
    await night.tell(many(150));
    night.importMs = 4 * 60_000;
    const figures = await night.nextNight(many(400, 1001));
    expect(figures).toMatchObject({ findings: 400, archived: 150, sent: 150, left: 250 });
    night.importMs = 0;
    expect(await night.nextNight(many(400, 1001))).toMatchObject({ sent: 250, archived: 0, left: 0 });
  });

  test('that Security Hub would not take are named, and tried again the next night', async () => {
    const night = new Night();
    await night.tell(reportOfPorts(22));
    const [id] = night.hub.imports[0]! as [string];
    night.hub.stored.clear();
    night.hub.refuses.set(id, 'InvalidInput');
    const figures = await night.nextNight(reportOfPorts(22, 80));
    expect(figures).toMatchObject({ sent: 1, refused: [{ id, code: 'InvalidInput', message: 'no' }] });
    night.hub.refuses.clear();
    expect(await night.nextNight(reportOfPorts(22, 80))).toMatchObject({ sent: 1, refused: [] });
  });
});

test('where Security Hub is not enabled, that is said, and asked once', async () => {
  const night = new Night();
  night.hub.enabled = false;
  const telling = night.tell(reportOfPorts(22));
  await expect(telling).rejects.toThrow(HubMissing);
  await expect(telling).rejects.toThrow('Security Hub is not enabled here: Account is not subscribed');
  expect([night.hub.pages, night.hub.imports]).toEqual([0, []]);
});
