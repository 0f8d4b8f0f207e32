import { expect, test } from '@jest/globals';
import { readLog, type LogRead } from '../../../shared/flowlogs/read-log.ts';
import { FlowLogError, OtherLogError, type RecordSink } from '../../../shared/flowlogs/record.ts';
import { DEFAULT_FIELDS } from '../../../shared/flowlogs/fields.ts';

const LINE = '2 111122223333 eni-1 10.0.0.9 10.0.0.1 50000 22 6 1 40 1767571200 1767571259 ACCEPT OK';
const OTHER = 'version resource-type account-id tgw-id';
const SINK: RecordSink = { record: () => undefined, malformed: () => undefined };

async function readText(text: string, name = 'a.log'): Promise<LogRead> {
  const file = {
    name,
    async *chunks() {
      yield new TextEncoder().encode(text);
    },
    withBuffer: () => Promise.reject(new Error('no Parquet')),
  };
  return readLog(file, SINK);
}

async function failureOf(text: string, name = 'a.log'): Promise<unknown> {
  return readText(text, name).then(
    () => undefined,
    (error: unknown) => error,
  );
}

test('another log is one that may be left out, unless lines of this one stand before its header', async () => {
  const header = DEFAULT_FIELDS.join(' ');
  expect(await failureOf(`${OTHER}\n`)).toBeInstanceOf(OtherLogError);
  const half = await failureOf(`${header}\n${LINE}\n${OTHER}\n`);
  expect(half).toBeInstanceOf(FlowLogError);
  expect(half).not.toBeInstanceOf(OtherLogError);
});

test('whether lines tell of skipped records is said by the header', async () => {
  const names = DEFAULT_FIELDS.filter((field) => field !== 'log-status');
  expect((await readText(`${DEFAULT_FIELDS.join(' ')}\n${LINE}\n`)).tellsGaps).toBe(true);
  expect((await readText(`${names.join(' ')}\n${LINE.replace(' OK', '')}\n`)).tellsGaps).toBe(false);
});

test('a file with hardly a line that can be read is not read to its end', async () => {
  const header = DEFAULT_FIELDS.join(' ');
  const bad = (lines: number): string => 'a\n'.repeat(lines);
  const refused = await failureOf(`${header}\n${LINE}\n${bad(1_000_000)}${LINE}\n`);
  expect(refused).toBeInstanceOf(FlowLogError);
  expect(String(refused)).toContain('of its first 1000002 lines hardly any can be read, the first: 3: 1 fields');
  expect(await failureOf(`${header}\n${LINE}\n${bad(999_999)}`)).toBeUndefined();
  expect(await failureOf(`${header}\n${`${LINE}\n`.repeat(10_500)}${bad(1_000_001)}`)).toBeUndefined();
});
