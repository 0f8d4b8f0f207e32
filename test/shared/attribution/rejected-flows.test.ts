import { expect, test } from '@jest/globals';
import { parseAddress } from '../../../shared/addresses/address.ts';
import { keepRejected } from '../../../shared/attribution/rejected-flows.ts';
import { emptyRecord, type FlowRecord } from '../../../shared/flowlogs/record.ts';
import type { Direction } from '../../../shared/protocols.ts';
import { SmallestHashes } from '../../../shared/usage/smallest-hashes.ts';
import type { RejectedFlow } from '../../../shared/usage/usage.ts';

const [PEER, OWN] = ['10.9.9.9', '10.0.0.10'].map((text) => parseAddress(text)!);

/** What is kept of records that went between the two, most of them first. */
function kept(...records: readonly (Partial<FlowRecord> & { direction: Direction })[]): unknown[] {
  const rejected = new SmallestHashes<RejectedFlow>(10);
  for (const more of records) {
    const ends =
      more.direction === 'ingress' ? { source: PEER!, destination: OWN! } : { source: OWN!, destination: PEER! };
    const record = { ...emptyRecord(), interfaceId: 'eni-a', protocol: 6, destinationPort: 443, ...ends, ...more };
    keepRejected(rejected, record, more.direction);
  }
  const flows = rejected
    .entries()
    .map(([, { direction, port, reason, times }]) => ({ direction, port, reason, times }));
  return flows.sort((a, b) => b.times - a.times);
}

test('what comes in and what goes out is told apart, as is why it was rejected', () => {
  const reason = { rejectReason: 'BPA' };
  const [first, second] = [{ direction: 'ingress' }, { direction: 'egress' }] as const;
  expect(kept(first, second, first, first, { ...second, ...reason }, second)).toEqual([
    { direction: 'ingress', port: 443, reason: '', times: 3 },
    { direction: 'egress', port: 443, reason: '', times: 2 },
    { direction: 'egress', port: 443, reason: 'BPA', times: 1 },
  ]);
});

test('protocols without ports have none', () => {
  const [echo, other] = [{ direction: 'ingress', protocol: 1, destinationPort: 8 } as const, { destinationPort: 3 }];
  expect(kept(echo, { ...echo, ...other })).toEqual([{ direction: 'ingress', port: 0, reason: '', times: 2 }]);
});
