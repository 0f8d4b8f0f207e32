/** Records of one address that two interfaces had on a day, one after the other: together they say what each by itself does. */
import { expect, test } from '@jest/globals';
import { Attribution } from '../../../shared/attribution/attribution.ts';
import { noDuplicates } from '../../../shared/attribution/duplicate-log.ts';
import { parseAddress, type Address } from '../../../shared/addresses/address.ts';
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

const [LATER, OTHER] = ['10.0.0.30', '10.0.0.40'].map((text) => parseAddress(text)!) as [Address, Address];

/** Since when interfaces have their addresses, and until when. */
const TIMES: Readonly<Record<string, Partial<NetworkInterface>>> = {
  'eni-b': { attachedAt: CHANGE },
  'eni-c': { detachedAt: CHANGE },
  'eni-d': { attachedAt: LATE },
  'eni-e': { detachedAt: CHANGE },
  'eni-f': { attachedAt: CHANGE },
};

/**
 * The peer's address was that of an interface with sg-nowhere, then of one with sg-db; so was 10.0.0.40 that of one with
 * sg-nowhere, and then with sg-two; 10.0.0.30 is one of sg-db, but only later.
 */
function compiledOf(rules: string[]): CompiledInventory {
  const interfaces = [
    'eni-c vpc-1 sg-nowhere 10.0.0.20',
    'eni-d vpc-1 sg-db 10.0.0.30',
    'eni-e vpc-1 sg-nowhere 10.0.0.40',
    'eni-f vpc-1 sg-two 10.0.0.40',
  ];
  const inventory = inventoryOfFiles(toFiles(inventoryOf({ rules, interfaces })));
  const changed = [...inventory.interfaces].map(([id, one]): [string, NetworkInterface] => {
    return [id, { ...one, ...TIMES[id] }];
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
  [
    'where more was asked of one peer, what the other way comes to is asked of each',
    ['r1 sg-web in tcp 443 sg-db', 'r2 sg-web in tcp 443 sg-nowhere', 'r3 sg-web out tcp 50000 10.0.0.77/32'],
    ['10.0.0.77', '10.0.0.78'].flatMap((peer) => [
      to(443, LATE, { source: parseAddress(peer)!, tcpFlags: 2 }),
      from(443, LATE, { destination: parseAddress(peer)!, tcpFlags: 18 }),
    ]),
    ['ingress 443 1 1  or r3', 'ingress 443 1 1  or'],
  ],
  [
    'from which second on an answer holds is asked for each peer',
    ['r1 sg-web in tcp 443 sg-db'],
    [
      to(443, LATE + 60),
      to(443, CHANGE - 1),
      to(443, LATE + 60, { source: LATER }),
      to(443, LATE - 60, { source: LATER }),
      to(443, LATE - 1, { source: LATER }),
    ],
    ['ingress 443 1 0  or r1', 'ingress 443 1 0 r1 or', 'ingress 443 2 0  or', 'ingress 443 1 0 r1 or'],
  ],
  [
    'what held for a while only tells nothing of the other way, which was asked for later',
    ['r1 sg-web in tcp 443 sg-nowhere', 'r2 sg-web in tcp 443 sg-db', 'r3 sg-web in tcp 443 sg-two'],
    [PEER!, OTHER].flatMap((peer) => [
      to(443, EARLY, { source: peer, tcpFlags: 2 }),
      from(443, LATE, { destination: peer, tcpFlags: 18 }),
    ]),
    ['ingress 443 1 0 r1 or', 'ingress 443 0 1 r2 or', 'ingress 443 1 0 r1 or', 'ingress 443 0 1 r3 or'],
  ],
])('%s', (_, rules, records, flows) => {
  expect(told(rules, records, true)).toEqual(flows);
  expect(told(rules, records, false)).toEqual(flows);
});
