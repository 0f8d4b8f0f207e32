/**
 * What `rules.json` says of each rule, and why, decided again from the logs and the inventory that were written.
 */
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { NeededBecause } from '../../../../services/generate-account/world/purposes.ts';
import { generated, readJson, removeScratchFolders, type TruthOfRule } from '../generated.ts';
import { HardAccount, type SeenRecord } from './hard-account.ts';

afterAll(removeScratchFolders);
jest.setTimeout(120_000);

const HARD = { hard: true, minutes: 3 * 1440, records: 10_000, interfaces: 20, rules: 1, deliveryMinutes: 60 };
const number = ({ record }: SeenRecord, field: string): number => Number(record[field]);
const hourOf = (seen: SeenRecord): number => Math.floor((number(seen, 'end') % 86_400) / 3600);

describe('a hard account', () => {
  let out: string;
  let account: HardAccount;
  beforeAll(async () => {
    ({ out } = await generated({ ...HARD, seed: 21 }));
    account = await HardAccount.read(out);
  });

  /** Rules of a reason, of which at least so many must be. */
  function rulesBecause(reason: string, least: number): TruthOfRule[] {
    const rules = account.because(reason);
    expect(rules.length).toBeGreaterThanOrEqual(least);
    return rules;
  }

  test('a rule is needed where it alone admitted a request, covered where it never did so alone, else unneeded', () => {
    /** No request of theirs is in any log. */
    const silent = ['warmStandby', 'demandedByService', 'hoursNotHeard', 'unseen'];
    const wrong = account.rules.filter((rule) => {
      const { need } = rule;
      const [admitted, alone] = [account.admittedBy(rule).length, account.requestsOf(rule).length];
      if (need.kind === 'covered') return admitted === 0 || alone > 0;
      if (need.kind === 'unneeded') return admitted > 0;
      return silent.includes(need.because) ? need.because !== 'unseen' && alone > 0 : alone === 0;
    });
    expect(wrong).toEqual([]);
    const notReached = account.because('runTooShort').map(({ purpose }) => purpose);
    expect(notReached.filter((purpose) => purpose.because !== 'ordinary')).toEqual([]);
  });

  /** What must be true of every request that the rule alone admitted. */
  const OF_EACH_REQUEST: Readonly<
    Partial<Record<NeededBecause, readonly [rules: number, holds: (seen: SeenRecord, rule: TruthOfRule) => boolean]>>
  > = {
    unknownInterface: [
      7,
      ({ record, truth }) => !account.isKnown(record['interface-id']!) || !account.hasAddress(truth.peer),
    ],
    addressReused: [
      1,
      (seen, { ruleId }) => account.hasAddress(seen.truth.peer) && !account.believed(seen).includes(ruleId),
    ],
    middlebox: [6, (seen, { ruleId }) => account.believed(seen).includes(ruleId) && account.believed(seen).length > 1],
    movedGroup: [3, (seen) => account.isKnown(seen.record['interface-id']!) && account.believed(seen).length === 0],
    changedList: [2, (seen) => account.isKnown(seen.record['interface-id']!) && account.believed(seen).length === 0],
    keptPort: [5, (seen) => number(seen, 'srcport') < 1024 || seen.record.srcport === seen.record.dstport],
    reservedPort: [6, (seen) => number(seen, 'srcport') < 1024],
    lateAnswer: [1, (seen) => account.records.some((other) => isAsked(other, seen))],
  };

  test.each(Object.entries(OF_EACH_REQUEST))('needed, %s: so says each request', (reason, [least, holds]) => {
    const wrong = rulesBecause(reason, least).flatMap((rule) =>
      account.requestsOf(rule).filter((seen) => !holds(seen, rule)),
    );
    expect(wrong).toEqual([]);
  });

  test('needed, rareUse: in one hour of three days', () => {
    for (const rule of rulesBecause('rareUse', 2)) {
      const hours = new Set(account.requestsOf(rule).map((seen) => Math.floor(number(seen, 'end') / 3600)));
      expect(hours.size).toBeLessThanOrEqual(2);
    }
  });

  test('needed, speaksFirst: towards those who call by another rule of the group', () => {
    for (const { groupId, rule, ruleId } of rulesBecause('speaksFirst', 5)) {
      const [way, , , peer] = rule.split(' ');
      const others = account.rules.filter((other) => other.groupId === groupId && other.ruleId !== ruleId);
      const answers = others.filter((other) => {
        const [otherWay, , , otherPeer] = other.rule.split(' ');
        return otherWay !== way && otherPeer === peer && account.requestsOf(other).length > 0;
      });
      expect(answers).not.toEqual([]);
    }
  });

  test('needed, warmStandby: nothing was accepted at any interface with the group', () => {
    for (const rule of rulesBecause('warmStandby', 4)) expect(account.acceptedWith(rule)).toEqual([]);
  });

  test('needed, demandedByService: ports of Lustre that nobody called', () => {
    for (const rule of rulesBecause('demandedByService', 4)) {
      expect(rule.rule).toMatch(/^in tcp (988|1018-1023) sg:/);
      expect(account.looksUsed(rule)).toBe(false);
    }
  });

  test('needed, hoursNotHeard: the log has files of six hours, and the requests are at others', () => {
    for (const rule of rulesBecause('hoursNotHeard', 1)) {
      const records = account.records.filter(({ truth }) => truth.kind.startsWith('hour'));
      const logs = new Set(records.map(({ flowLogId }) => flowLogId));
      const ofLogs = account.records.filter(({ flowLogId }) => logs.has(flowLogId));
      expect(ofLogs.length).toBeGreaterThan(5);
      expect(ofLogs.filter((seen) => hourOf(seen) >= 6)).toEqual([]);
      expect(rule.requestsUnlogged).toBeGreaterThanOrEqual(3);
    }
  });

  test('unneeded, void: the inventory lets it look used', () => {
    for (const rule of rulesBecause('void', 4)) expect(account.looksUsed(rule)).toBe(true);
  });

  test('unneeded, leftOver: it does not look used, and its interfaces are busy', () => {
    const rules = rulesBecause('leftOver', 55);
    expect(rules.filter((rule) => account.looksUsed(rule))).toEqual([]);
    expect(rules.filter((rule) => account.acceptedWith(rule).length === 0)).toEqual([]);
  });

  test('of every flow log there is a record in every hour that was copied', () => {
    const { flowLogs } = readJson(out, 'truth/account.json') as {
      flowLogs: { id: string; trafficType: string; delivers: boolean }[];
    };
    const byLog = Map.groupBy(account.records, ({ flowLogId }) => flowLogId);
    const hours = flowLogs
      .filter(({ trafficType, delivers }) => trafficType === 'ALL' && delivers)
      .map(({ id }) => new Set(byLog.get(id)!.map((seen) => Math.floor(number(seen, 'end') / 3600))).size);
    // The last one is that of which six hours of each day were copied.
    expect(hours).toEqual([72, 72, 72, 72, 18]);
  });
});

/** Whether a record asks what the other one answers, of the same minutes: its ends the other way round. */
function isAsked({ record }: SeenRecord, { record: answer }: SeenRecord): boolean {
  return (
    record['interface-id'] === answer['interface-id'] &&
    record.srcaddr === answer.dstaddr &&
    record.srcport === answer.dstport &&
    record.dstport === answer.srcport &&
    Math.abs(Number(answer.start) - Number(record.start)) <= 120
  );
}

test('the format changes nothing of what happens', async () => {
  const truths = await Promise.all(
    (['v2', 'v5'] as const).map(async (format) => (await generated({ ...HARD, seed: 23, format })).out),
  );
  const [first, second] = truths.map((out) => JSON.stringify(readJson(out, 'truth/rules.json')));
  expect(first).toBe(second);
});

test.each([0, 0.5, 6])(
  '%d %% of the records are of unknown members where so many are asked for',
  async (unknownPercent) => {
    const { summary } = await generated({ ...HARD, seed: 24, unknownPercent });
    const shares = ['unknownMember', 'unknownWithoutCover'].map((kind) => summary.kinds[kind]?.share ?? 0);
    expect(shares[0]! + shares[1]!).toBeGreaterThanOrEqual(unknownPercent * 0.9);
    expect(shares[0]! + shares[1]!).toBeLessThanOrEqual(unknownPercent * 1.1 + 0.1);
  },
);
