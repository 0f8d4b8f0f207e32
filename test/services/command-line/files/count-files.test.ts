/** Which of two flow logs over one interface counts is decided day by day, in whatever files and order the records come. */
import { expect, test } from '@jest/globals';
import { countFiles, type CountedFiles } from './counted-files.ts';
import type { LogFile } from '../../../../services/command-line/files/log-files.ts';
import type { FlowListener } from '../../../../shared/attribution/attribution.ts';
import { isoDay } from '../../../../shared/time.ts';
import { inventoryOfFiles } from '../../../oracle/core.ts';
import { toFiles } from '../../../oracle/random-world.ts';
import { inventoryOf } from '../../../oracle/row.ts';

const FIRST = 20_466;
const DAYS = Array.from({ length: 7 }, (_, i) => FIRST + i);

const inventory = {
  ...inventoryOfFiles(
    toFiles(inventoryOf({ rules: ['r1 sg-web in tcp 22-22 10.0.0.0/8', 'r2 sg-web in tcp 443-443 10.0.0.0/8'] })),
  ),
  flowLogs: ['fl-0a', 'fl-0b'].map((flowLogId) => {
    return { flowLogId, resourceId: 'vpc-1', trafficType: 'ALL' as const, active: true, createdAt: 0 };
  }),
};

interface Line {
  readonly day: number;
  readonly text: string;
}

/** On even days fl-0b is heard in three hours, on odd ones in one; fl-0a the other way round. */
function linesOf(flowLogId: string): Line[] {
  return DAYS.flatMap((day) => {
    const isLong = (day % 2 === 0) === (flowLogId === 'fl-0b');
    return [1, 2, 3].slice(0, isLong ? 3 : 1).map((hour) => {
      const end = day * 86_400 + hour * 3600;
      const port = flowLogId === 'fl-0a' ? 22 : 443;
      const text = `2 111111111111 eni-a 10.9.9.9 10.0.0.10 50000 ${port} 6 1 40 ${end - 60} ${end} ACCEPT OK\n`;
      return { day, text };
    });
  });
}

function fileOf(flowLogId: string, day: number, lines: readonly Line[]): LogFile {
  const text = lines.map((line) => line.text).join('');
  return {
    name: `111111111111_vpcflowlogs_eu-central-1_${flowLogId}_${isoDay(day).replaceAll('-', '')}T0000Z_0a1b.log`,
    size: text.length,
    chunks: () => [Buffer.from(text)],
    withBuffer: () => Promise.reject(new Error('not Parquet')),
  };
}

async function counted(files: readonly LogFile[]): Promise<CountedFiles & { flows: string[] }> {
  const heard: [day: number, source: Parameters<CountedFiles['isCounted']>[1], said: string][] = [];
  const read = await countFiles(files, inventory, (source): FlowListener => {
    return ({ day, port, requests }) => heard.push([day, source, `${day - FIRST} ${port} ${requests}`]);
  });
  const flows = heard.filter(([day, source]) => read.isCounted(day, source)).map(([, , said]) => said);
  return { ...read, flows: flows.sort() };
}

const LOGS = ['fl-0a', 'fl-0b'];
const BY_DAY = LOGS.flatMap((id) =>
  DAYS.map((day) =>
    fileOf(
      id,
      day,
      linesOf(id).filter((line) => line.day === day),
    ),
  ),
);

test('each file has the records of its day', async () => {
  const { usage, flows } = await counted(BY_DAY);
  expect(flows).toEqual(DAYS.map((day) => `${day - FIRST} ${day % 2 === 0 ? 443 : 22} 3`));
  for (const [rule, others] of [
    ['r1', 1],
    ['r2', 0],
  ] as const) {
    const days = [...usage.rules.get(rule)!].sort(([a], [b]) => a - b);
    expect(days.map(([day, use]) => [day, use.usedTimes, use.setAsideTimes])).toEqual(
      DAYS.map((day) => [day, ...(day % 2 === others ? [3, 0] : [0, 1])]),
    );
  }
  expect(usage.fates).toMatchObject({ attributed: 21, duplicateLog: 7 });
});

test.each([
  ['the records of all days in turn', (lines: readonly Line[]) => lines],
  ['the last days first', (lines: readonly Line[]) => lines.toReversed()],
])('each file has %s', async (_, order) => {
  const dealt = LOGS.flatMap((id) => {
    const lines = order(linesOf(id));
    return DAYS.map((day, i) =>
      fileOf(
        id,
        day,
        lines.filter((_, at) => at % DAYS.length === i),
      ),
    );
  });
  const [expected, found] = [await counted(BY_DAY), await counted(dealt)];
  expect(found.usage).toEqual(expected.usage);
  // A day that was closed in between is told of in pieces.
  const requests = (flows: readonly string[]): Map<string, number> => {
    const sums = new Map<string, number>();
    for (const flow of flows) {
      const [, key = '', times] = /^(\d+ \d+) (\d+)$/.exec(flow) ?? [];
      sums.set(key, (sums.get(key) ?? 0) + Number(times));
    }
    return sums;
  };
  expect(requests(found.flows)).toEqual(requests(expected.flows));
});
