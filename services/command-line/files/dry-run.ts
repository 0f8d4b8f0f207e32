import { count, figure } from '../../../shared/text/numbers.ts';
import { packedBytes } from './deal-files.ts';
import type { FoundLogs } from './find-log-files.ts';
import { askedText } from './asked-days.ts';
import { PART_BYTES } from './log-files.ts';

/**
 * List prices in USD of S3 Standard, us-east-1, 2026, without free tiers and discounts: a thousand LIST and GET requests, and a
 * gibibyte that leaves AWS for the internet. https://aws.amazon.com/s3/pricing/
 */
const PRICES = { thousandLists: 0.005, thousandGets: 0.0004, gibibyteOut: 0.09 };

export function dryRunText({ files, asked, listed }: FoundLogs): string {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  const days = asked ? ` that can tell of ${askedText(asked)}` : '';
  const lines = [
    `${count(files.length, 'file')}${days}, ${figure(Math.ceil(bytes / 1e5) / 10)} MB; nothing was read`,
    `Time      ${readingTime(packedBytes(files))}`,
  ];
  if (listed) {
    const remote = files.filter(({ name }) => name.startsWith('s3://'));
    const gets = remote.reduce((sum, { size }) => sum + Math.ceil(size / PART_BYTES), 0);
    const { calls, keys } = listed;
    const requests = (calls * PRICES.thousandLists + gets * PRICES.thousandGets) / 1000;
    const transfer = (remote.reduce((sum, { size }) => sum + size, 0) / 2 ** 30) * PRICES.gibibyteOut;
    lines.push(
      `Listed    ${count(calls, 'call')} brought ${count(keys, 'key')}`,
      `Requests  ${dollars(requests)}: ${figure(calls)} LIST and ${figure(gets)} GET, at ${String(PRICES.thousandLists)} and ` +
        `${String(PRICES.thousandGets)} USD a thousand`,
      `Transfer  nothing to a machine in the bucket's region, ${dollars(transfer)} over the internet, at ` +
        `${String(PRICES.gibibyteOut)} USD a GiB`,
      '          List prices of S3 Standard in us-east-1, 2026: https://aws.amazon.com/s3/pricing/',
    );
  }
  return `${lines.join('\n')}\n`;
}

function dollars(amount: number): string {
  return amount < 0.01 ? 'less than 0.01 USD' : `${amount.toFixed(2)} USD`;
}

/**
 * `analyze` took 6.6 CPU seconds for 490 MB of text, some 49 MB packed, and 0.4 for next to nothing (test/bench/README.md). How
 * many rules there are and how records are spread may move that by two either way.
 */
export function readingTime(packed: number): string {
  const seconds = Math.ceil(0.4 + packed / 7.4e6);
  const time = seconds < 120 ? count(seconds, 'second') : count(Math.ceil(seconds / 60), 'minute');
  return `analyze takes about ${time} of one processor: 7.4 MB of packed logs a second, as measured; half or twice that may be`;
}
