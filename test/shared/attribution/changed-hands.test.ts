/** Records of one address that two interfaces had on a day, one after the other: together they say what each by itself does. */
import { expect, test } from '@jest/globals';
import { Attribution } from '../../../shared/attribution/attribution.ts';
import { noDuplicates } from '../../../shared/attribution/duplicate-log.ts';
import { parseAddress } from '../../../shared/addresses/address.ts';
import { ServiceFlows } from '../../../shared/evidence/service-flows.ts';
import { emptyRecord, type FlowRecord } from '../../../shared/flowlogs/record.ts';
import type { NetworkInterface } from '../../../shared/inventory/inventory.ts';
import { CompiledInventory } from '../../../shared/matching/compiled-inventory.ts';
import { emptyUsage } from '../../../shared/usage/usage.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { toFiles } from '../../oracle/random-world.ts';
import { inventoryOf } from '../../oracle/row.ts';

const [EARLY, CHANGE, LATE] = [1_767_571_200, 1_767_572_200, 1_767_573_200];
const [OWN, PEER] = ['10.0.0.10', '10.0.0.20'].map((text) => parseAddress(text)!);

/** The peer's address was that of an interface with sg-nowhere, then of one with sg-db. */
function compiledOf(rules: string[]): CompiledInventory {
  const interfaces = ['eni-c vpc-1 sg-nowhere 10.0.0.20'];
  const inventory = inventoryOfFiles(toFiles(inventoryOf({ rules, interfaces })));
  const changed = [...inventory.interfaces].map(([id, one]): [string, NetworkInterface] => {
    if (id === 'eni-c') return [id, { ...one, detachedAt: CHANGE }];
    return [id, id === 'eni-b' ? { ...one, attachedAt: CHANGE } : one];
  });
  return new CompiledInventory({ ...inventory, interfaces: new Map(changed) });
}

const to = (port: number, start: number, more: Partial<FlowRecord> = {}): FlowRecord => ({
  ...emptyRecord(),
  interfaceId: 'eni-a',
  source: PEER!,
  destination: OWN!,
  sourcePort: 50_000,
  destinationPort: port,
  protocol: 6,
  direction: 'ingress',
  start,
  end: start + 60,
  ...more,
});

const from = (port: number, start: number, more: Partial<FlowRecord> = {}): FlowRecord => ({
  ...to(port, start),
  source: OWN!,
  destination: PEER!,
  sourcePort: port,
  destinationPort: 50_000,
  direction: 'egress',
  ...more,
});

function told(rules: string[], records: readonly FlowRecord[], isEach: boolean): string[] {
  const flows = new ServiceFlows();
  const attribution = new Attribution(compiledOf(rules), emptyUsage(), { onFlow: (...flow) => flows.add(...flow) });
  for (const record of records) {
    attribution.add(record, { flowLogId: undefined, isDuplicate: noDuplicates });
    if (isEach) attribution.finish();
  }
  attribution.finish();
  return Array.from(flows.flows(), ({ direction, port, requests, replies, ruleIds, unclearRuleIds }) =>
    [direction, port, requests, replies, ruleIds.join(), 'or', unclearRuleIds.join()].join(' ').trim(),
  );
}

test.each<[why: string, rules: string[], records: FlowRecord[], flows: string[]]>([
  [
    'which port is the service’s changes with the holder, and is asked no second time',
    ['r1 sg-web in tcp 5001-5002 sg-db', 'r2 sg-web out tcp 0-65535 10.0.0.0/8'],
    [to(5001, EARLY, { sourcePort: 50_001 }), to(5001, LATE), to(5002, EARLY)],
    ['egress 50000 0 1 r2 or r1', 'egress 50001 0 1 r2 or r1', 'ingress 5001 1 0 r1 or'],
  ],
  [
    'whom records may have used that are read by themselves is said of their own flow only',
    ['r1 sg-web in tcp 443 sg-nowhere', 'r2 sg-web in tcp 443 sg-db', 'r3 sg-web out tcp 50000 10.0.0.0/8'],
    [to(443, EARLY), from(443, LATE, { tcpFlags: 18 })],
    ['ingress 443 1 0 r1 or r3', 'ingress 443 0 1 r2 or'],
  ],
  [
    'so it is where another conversation tells what they would come to later',
    [
      'r1 sg-web in udp 5001-5002 sg-nowhere',
      'r2 sg-web in udp 5001-5002 sg-db',
      'r3 sg-web out udp 50000-50001 10.0.0.0/8',
    ],
    [from(5001, LATE), to(5001, LATE), from(5002, LATE), to(5002, EARLY)].map((one) => ({
      ...one,
      protocol: 17,
      paired: 'answers',
    })),
    ['ingress 5001 1 1 r2 or r3', 'ingress 5002 1 0 r1 or r3', 'ingress 5002 0 1 r2 or'],
  ],
])('%s', (_, rules, records, flows) => {
  expect(told(rules, records, true)).toEqual(flows);
  expect(told(rules, records, false)).toEqual(flows);
});
