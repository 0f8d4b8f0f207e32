/** What counting costs, in work and in what is held, where the days of records change all the time, and where two flow logs tell of one scan. */
import { expect, test } from '@jest/globals';
import { DayCounts, decideDays } from '../../../../services/command-line/files/day-counts.ts';
import { emptyRecord, type FlowRecord } from '../../../../shared/flowlogs/record.ts';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import { keepRejected } from '../../../../shared/attribution/rejected-flows.ts';
import { REJECTED_KEPT, emptyUsage } from '../../../../shared/usage/usage.ts';
import { inventoryOfFiles } from '../../../oracle/core.ts';
import { toFiles } from '../../../oracle/random-world.ts';
import { inventoryOf } from '../../../oracle/row.ts';
import { plainUsage } from '../../../shared/usage/plain-usage.ts';

const LOGS = ['fl-0a', 'fl-0b'];
const FIRST = 20_466;

const inventory = {
  ...inventoryOfFiles(toFiles(inventoryOf({ rules: ['r1 sg-web in tcp 22-22 10.0.0.0/8'] }))),
  flowLogs: LOGS.map((flowLogId) => {
    return { flowLogId, resourceId: 'vpc-1', trafficType: 'ALL' as const, active: true, createdAt: 0 };
  }),
};

function recordOf(day: number, n: number, accepted: boolean): FlowRecord {
  return {
    ...emptyRecord(),
    interfaceId: 'eni-a',
    source: { family: 4, w0: 0x0a090000 + n, w1: 0, w2: 0, w3: 0 },
    destination: { family: 4, w0: 0x0a00000a, w1: 0, w2: 0, w3: 0 },
    sourcePort: 50_000,
    destinationPort: 22,
    protocol: 6,
    packets: 1,
    bytes: 40,
    start: (FIRST + day) * 86_400 + 60 * (n % 1000),
    end: (FIRST + day) * 86_400 + 60 * (n % 1000) + 59,
    accepted,
  };
}

const FILES = LOGS.map((flowLogId) => ({ flowLogId, accountId: undefined }));

test('days that change with each record are opened by the thousand records, and say the same', () => {
  const [days, perDay] = [30, 800];
  const each = Array.from({ length: days * perDay }, (_, i) => recordOf(i % days, i, i % 7 > 0));
  const count = (records: readonly FlowRecord[]) => {
    let opened = 0;
    const counts = new DayCounts(() => {
      opened++;
      return new CompiledInventory(inventory);
    });
    for (const file of FILES) {
      const counting = counts.file(file, undefined);
      // As readers do, which hand out one object again and again.
      const handed = emptyRecord();
      for (const { source, destination, ...record } of records) {
        Object.assign(handed, record);
        Object.assign(handed.source, source);
        Object.assign(handed.destination, destination);
        counting.add(handed);
      }
      counting.malformed();
    }
    const counted = counts.finish();
    decideDays(counted);
    return { opened, usage: plainUsage(counted.usage) };
  };
  const mixed = count(each);
  const inOrder = count([...each].sort((a, b) => a.end - b.end));
  expect(mixed.usage).toEqual({ ...(inOrder.usage as object), logs: expect.anything() });
  // Before, a day was opened for each of 48,000 records.
  expect(mixed.opened).toBeLessThan(120);
  expect(inOrder.opened).toBeLessThanOrEqual(2 * days);
});

test('rejected flows that cannot be among those told of in the end are not held for each flow log and day', () => {
  const days = Array.from({ length: 24 }, (_, day) => day);
  const compiled = new CompiledInventory(inventory);
  const counts = new DayCounts(() => compiled);
  let most = 0;
  for (const day of days) {
    for (const [log, file] of FILES.entries()) {
      // Of the other log a record is missing here and there, and on each day it is another one that is heard longer.
      const counting = counts.file(file, FIRST + day);
      for (let n = 0; n < REJECTED_KEPT + 500; n++) {
        if (n % 50 !== log) counting.add(recordOf(day, n + 2000 * day, false));
      }
      counts.relieve();
      most = Math.max(most, counts.rejectsKept);
    }
  }
  expect(most).toBeLessThan(150_000);
  const counted = counts.finish();
  // Before, each of 48 samples was full: 196,608 flows.
  expect(counts.rejectsKept).toBeLessThan(30_000);
  const isCounted = decideDays(counted);

  const whole = emptyUsage();
  for (const day of days) {
    const log = isCounted(FIRST + day, { kind: 'streamUnless', flowLogId: 'fl-0a', rivals: ['fl-0b'] }) ? 0 : 1;
    for (let n = 0; n < REJECTED_KEPT + 500; n++) {
      if (n % 50 !== log) keepRejected(whole.rejected, recordOf(day, n + 2000 * day, false), 'ingress');
    }
  }
  expect(counted.usage.rejected.distinct).toBe(whole.rejected.distinct);
  expect(counted.usage.rejected.entries()).toEqual(whole.rejected.entries());
});
