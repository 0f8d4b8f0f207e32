import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { LIMITS } from '../../shared/flowlogs/fields.ts';
import { flowLogKey, type FlowLogKey } from '../../shared/flowlogs/file-name.ts';
import { formatOf, isHeader } from '../../shared/flowlogs/line-format.ts';
import { FlowLogError } from '../../shared/flowlogs/record.ts';
import { compareText } from '../../shared/text/compare.ts';
import { dayOf, type Day } from '../../shared/time.ts';
import type { SubscriptionBatch } from './subscription-batch.ts';

/** The flow log that publishes to a log group. */
export interface PublishingFlowLog {
  readonly flowLogId: string;
  /** When it was made, in milliseconds since 1970: what began before is another's, whose fields nobody knows any more. */
  readonly createdAt: number;
  /** Names of fields, in the order in which its lines have them. */
  readonly fields: readonly string[];
}

/** An object as AWS delivers flow logs to S3. */
export interface LogObjectToWrite {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly lines: number;
}

interface Line {
  readonly text: string;
  /** UNIX seconds. */
  readonly end: number;
}

/** What separates fields, as for whoever reads them: `shared/flowlogs/lines.ts`. */
const FIELDS = /[^\0-\x20]+/g;
const DIGITS = /^\d{1,12}$/;

/**
 * The lines of a batch, an object for each UTC day on which they end, so that whoever reads a day finds it in the folder of
 * that day. Key and content depend on the lines alone and on no order of them: a batch that comes again is the same objects.
 *
 * @throws FlowLogError where a line has another number of fields than the flow log, or is a header: nobody knows what the
 * others hold
 */
export function logObjects(
  { events }: Pick<SubscriptionBatch, 'events'>,
  { flowLogId, fields }: Pick<PublishingFlowLog, 'flowLogId' | 'fields'>,
  place: Omit<FlowLogKey, 'flowLogId' | 'time' | 'hash'>,
): LogObjectToWrite[] {
  const { end: endsAt } = formatOf(fields).columns;
  const days = new Map<Day, Line[]>();
  events.forEach(({ message, timestamp }, i) => {
    const values = message.match(FIELDS) ?? [];
    if (values.length !== fields.length) {
      throw new FlowLogError(
        `event ${String(i + 1)} has ${String(values.length)} fields, not the ${String(fields.length)} of ${flowLogId}`,
      );
    }
    // Whoever reads the object would take what follows for other fields, and the night would not settle the day. Readers pass over
    // a byte order mark before it.
    if (isHeader([values[0]!.replace(/^\uFEFF+/, ''), ...values.slice(1)])) {
      throw new FlowLogError(`event ${String(i + 1)} is a header`);
    }
    const end = endOf(values[endsAt]!, timestamp);
    const lines = days.get(dayOf(end)) ?? [];
    days.set(dayOf(end), lines);
    lines.push({ text: values.join(' '), end });
  });
  return [...days.values()].map((lines) => {
    const texts = lines.map(({ text }) => text).sort(compareText);
    const content = `${[fields.join(' '), ...texts].join('\n')}\n`;
    // 32 digits are 128 bits: no two contents have the same by chance.
    const hash = createHash('sha256').update(content).digest('hex').slice(0, 32);
    const time = lines.reduce((latest, { end }) => Math.max(latest, end), 0);
    return { key: flowLogKey({ ...place, flowLogId, time, hash }), bytes: gzipSync(content), lines: lines.length };
  });
}

/** UNIX seconds; of a line that tells none, when CloudWatch Logs says that it began. */
function endOf(value: string, timestamp: number): number {
  const end = DIGITS.test(value) ? Number(value) : Infinity;
  return end <= LIMITS.end ? end : Math.floor(timestamp / 1000);
}
