/** Generated accounts hold what breaks naive tools; and what the program makes of each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { formatAddress, sameAddress } from '../../shared/addresses/address.ts';
import type { Inventory, NetworkInterface, Rule } from '../../shared/inventory/inventory.ts';
import type { Fate } from '../../shared/usage/usage.ts';
import type { Judged } from '../../shared/verdicts/judge.ts';
import { removeScratchFolders, rulesTruth, type TruthOfRule } from '../services/generate-account/generated.ts';
import { account, judged, readWithTruth, type RecordTruth } from './account.ts';
import { flowLogIdOf } from '../../shared/flowlogs/file-name.ts';

afterAll(removeScratchFolders);
jest.setTimeout(120_000);

/** A record with its truth and its fate. */
interface Seen extends RecordTruth {
  readonly interfaceId: string;
  readonly owner: NetworkInterface | undefined;
  readonly flowLogId: string;
  readonly protocol: number;
  readonly ports: readonly [source: number, destination: number];
  readonly source: string;
  /** Whether the source is the interface's own primary address. */
  readonly isOut: boolean;
  readonly packetDiffers: boolean;
  readonly accepted: boolean;
  readonly fate: Fate;
}

interface JudgedRule extends Judged {
  readonly truth: TruthOfRule;
}

class World {
  readonly inventory: Inventory;
  readonly out: string;
  readonly seen: readonly Seen[];
  readonly #rules: ReadonlyMap<string, JudgedRule>;

  constructor(inventory: Inventory, out: string, seen: readonly Seen[], rules: readonly JudgedRule[]) {
    this.inventory = inventory;
    this.out = out;
    this.seen = seen;
    this.#rules = new Map(rules.map((one) => [`${one.truth.groupName}|${one.truth.rule}`, one]));
  }

  of(...kinds: readonly string[]): Seen[] {
    return this.seen.filter(({ kind }) => kinds.includes(kind));
  }

  /** `group|rule` in the generator's shorthand. */
  rule(name: string): JudgedRule {
    const found = this.#rules.get(name);
    if (!found) throw new Error(`no rule ${name}`);
    return found;
  }

  interfaces(type: string): NetworkInterface[] {
    return [...this.inventory.interfaces.values()].filter((one) => one.type === type);
  }

  /** Active flow logs over an interface. */
  logsOver({ interfaceId, subnetId, vpcId }: NetworkInterface): string[] {
    return this.inventory
      .flowLogs!.filter((log) => log.active && [interfaceId, subnetId, vpcId].includes(log.resourceId))
      .map((log) => log.trafficType);
  }
}

async function worldOf(format: 'v5' | 'v2'): Promise<World> {
  const made = await account({
    seed: 1,
    format,
    minutes: 1440,
    deliveryMinutes: 60,
    records: 20_000,
    interfaces: 60,
    rules: 300,
  });
  const seen: Seen[] = [];
  const usage = await readWithTruth(made, (record, truth, { fate }, file) => {
    const owner = made.inventory.interfaces.get(record.interfaceId);
    const { source, packetSource, packetDestination } = record;
    const differs = (packet: typeof source, plain: typeof source) => packet.family !== 0 && !sameAddress(packet, plain);
    seen.push({
      ...truth,
      interfaceId: record.interfaceId,
      owner,
      flowLogId: flowLogIdOf(file.name)!,
      protocol: record.protocol,
      ports: [record.sourcePort, record.destinationPort],
      source: formatAddress(source),
      isOut: owner?.prefixes.some(({ address }) => sameAddress(address, source)) ?? false,
      packetDiffers: differs(packetSource, source) || differs(packetDestination, record.destination),
      accepted: record.accepted,
      fate,
    });
  });
  const truths = new Map(rulesTruth(made.out).map((truth) => [truth.ruleId, truth]));
  const rules = judged(made.inventory, usage).map((one) => ({ ...one, truth: truths.get(one.rule.ruleId)! }));
  return new World(made.inventory, made.out, seen, rules);
}

const worlds = new Map<string, World>();
beforeAll(async () => {
  for (const format of ['v5', 'v2'] as const) worlds.set(format, await worldOf(format));
});

/** Interfaces that no inventory shows, those of the peered account left out, and when they lived. */
function tasksOf(out: string): { id: string; from: string; until: string }[] {
  const [, ...lines] = gunzipSync(readFileSync(join(out, 'truth/hidden-interfaces.csv.gz')))
    .toString()
    .split('\n');
  const rows = lines.map((line) => line.split(','));
  return rows.flatMap(([id = '', , , from = '', until = '']) => (id === '' ? [] : [{ id, from, until }]));
}

interface Row {
  readonly what: string;
  readonly why: string;
  readonly kinds: readonly string[];
  /** Each must be true of the generated account. */
  readonly there: readonly ((world: World) => boolean)[];
  /** All that become of its records, and no other. */
  readonly fates: readonly Fate[] | Readonly<Record<'v5' | 'v2', readonly Fate[]>>;
  readonly verdicts: Readonly<Record<string, string | Readonly<Record<'v5' | 'v2', string>>>>;
}

const opensOutside = ({ opened, isOut }: Seen): boolean => isOut === (opened === 'reply');
const opensInside = ({ opened, isOut }: Seen): boolean => isOut === (opened === 'request');
const all = (kinds: readonly string[], is: (one: Seen) => boolean) => (world: World) =>
  world.of(...kinds).length > 0 && world.of(...kinds).every(is);
const some = (kinds: readonly string[], is: (one: Seen) => boolean) => (world: World) => world.of(...kinds).some(is);
const isPeered = ({ peer }: Rule): boolean => peer.type === 'group' && peer.peeringConnectionId !== '';
const POSSIBLE = 'notObserved: onlyPossibleUse';

const ROWS: readonly Row[] = [
  {
    what: 'IKE, UDP 500 on both ends, opened from inside',
    why: 'ports tell nothing; rules of one direction alone do, and where both have one, both are kept',
    kinds: ['ikeFromInside'],
    there: [
      all(['ikeFromInside'], ({ protocol, ports }) => protocol === 17 && ports[0] === 500 && ports[1] === 500),
      all(['ikeFromInside'], opensInside),
    ],
    fates: ['attributed'],
    verdicts: { 'vpn|out udp 500 198.51.100.128/27': 'active', 'vpn|out udp 500 198.51.100.192/27': 'active' },
  },
  {
    what: 'IKE, UDP 500 on both ends, opened from outside',
    why: 'the same, the other way round',
    kinds: ['ikeFromOutside'],
    there: [
      all(['ikeFromOutside'], ({ protocol, ports }) => protocol === 17 && ports[0] === 500 && ports[1] === 500),
      all(['ikeFromOutside'], opensOutside),
    ],
    fates: ['attributed'],
    verdicts: { 'vpn|in udp 500 198.51.100.160/27': 'active', 'vpn|in udp 500 198.51.100.192/27': 'active' },
  },
  {
    what: 'ESP opened from inside',
    why: 'a protocol by its number, without ports or flags',
    kinds: ['espFromInside'],
    there: [all(['espFromInside'], ({ protocol }) => protocol === 50), all(['espFromInside'], opensInside)],
    fates: ['attributed'],
    verdicts: { 'vpn|out 50 198.51.100.128/27': 'active', 'vpn|out 50 198.51.100.192/27': 'active' },
  },
  {
    what: 'ESP opened from outside',
    why: 'the same, the other way round',
    kinds: ['espFromOutside'],
    there: [all(['espFromOutside'], ({ protocol }) => protocol === 50), all(['espFromOutside'], opensOutside)],
    fates: ['attributed'],
    verdicts: { 'vpn|in 50 198.51.100.160/27': 'active', 'vpn|in 50 198.51.100.192/27': 'active' },
  },
  {
    what: 'ping opened from inside, IPv4 and IPv6',
    why: 'neither type nor ports are logged; the rule of the one direction decides, also at the machine that answers',
    kinds: ['pingFromInside', 'ping6FromInside'],
    there: [
      some(['pingFromInside'], (one) => one.protocol === 1 && opensInside(one)),
      some(['ping6FromInside'], (one) => one.protocol === 58 && opensInside(one)),
    ],
    fates: ['attributed'],
    verdicts: {
      'monitor|out icmp -1/-1 10.20.0.0/16': 'active',
      'monitor|out icmpv6 -1/-1 ::/0': 'active',
      'base|in icmp 8/-1 sg:monitor': 'active',
      'base|in icmpv6 128/-1 sg:monitor': 'active',
    },
  },
  {
    what: 'ping opened from outside, IPv4 and IPv6',
    why: 'a named protocol beats the other direction’s rule for all; that one is kept as possible',
    kinds: ['pingFromOutside', 'ping6FromOutside'],
    there: [
      all(['pingFromOutside'], (one) => one.protocol === 1 && opensOutside(one)),
      all(['ping6FromOutside'], (one) => one.protocol === 58 && opensOutside(one)),
    ],
    fates: ['attributed'],
    verdicts: {
      'public-web|in icmp 8/-1 0.0.0.0/0': 'active',
      'public-web|in icmpv6 128/-1 ::/0': 'active',
      'public-web|out all ::/0': POSSIBLE,
    },
  },
  {
    what: 'a group of a peered account',
    why: 'no interface here has it: any peer could be a member, so use is possible and never sure',
    kinds: ['partnerCallsUs', 'weCallPartner'],
    there: [
      ({ inventory }) => inventory.rules.filter(isPeered).length === 2,
      ({ inventory }) =>
        inventory.rules
          .filter(isPeered)
          .every(({ peer }) => [...inventory.interfaces.values()].every((one) => !one.groupIds.includes(peer.value))),
      all(['partnerCallsUs'], opensOutside),
      all(['weCallPartner'], opensInside),
    ],
    // The database lies in the subnet with a second flow log.
    fates: { v5: ['duplicateLog', 'possible', 'unexplained'], v2: ['duplicateLog', 'possible'] },
    verdicts: { 'db|in tcp 5432 sg:partner-account': POSSIBLE, 'app|out tcp 8443 sg:partner-account': POSSIBLE },
  },
  {
    what: 'a network load balancer that keeps its clients’ addresses',
    why: 'the target’s rule names the balancer’s group, the record shows a stranger; the leg to targets is not logged',
    kinds: ['clientKeptByLoadBalancer'],
    there: [
      (world) => world.interfaces('network_load_balancer').every(({ groupIds }) => groupIds.length > 0),
      some(['clientKeptByLoadBalancer'], ({ owner }) => owner?.type === 'network_load_balancer'),
      some(
        ['clientKeptByLoadBalancer'],
        ({ owner, opened, source }) =>
          owner?.type === 'interface' && opened === 'request' && source.startsWith('198.18.'),
      ),
    ],
    fates: ['attributed', 'possible'],
    verdicts: {
      'nlb|in tcp 443 0.0.0.0/0': 'active',
      // A SYN that this rule alone could admit is the rule's.
      'nlb-target|in tcp 8443 sg:nlb': { v5: 'active', v2: POSSIBLE },
      'nlb|out tcp 8443 sg:nlb-target': 'notObserved: neverLogged',
      'nlb-target|in tcp 8443 10.99.0.0/16': 'stale',
    },
  },
  {
    what: 'tasks that lived three minutes',
    why: 'their interfaces and addresses are in no snapshot: rules for their group, and of it, may have been used',
    kinds: ['shortLivedTask'],
    there: [
      (world) => {
        const tasks = tasksOf(world.out);
        const isShort = tasks.every(({ from, until }) => (Date.parse(until) - Date.parse(from)) / 60_000 === 3);
        return tasks.length > 5 && isShort && tasks.every(({ id }) => !world.inventory.interfaces.has(id));
      },
      some(['shortLivedTask'], ({ owner }) => owner === undefined),
      some(['shortLivedTask'], ({ owner }) => owner !== undefined),
    ],
    // What they ask the resolver is admitted by a block of addresses.
    fates: {
      v5: ['attributed', 'possible', 'unexplained', 'unknownInterface'],
      v2: ['attributed', 'possible', 'unknownInterface'],
    },
    verdicts: {
      'cache|in tcp 6379 sg:task': POSSIBLE,
      'task|out tcp 6379 sg:cache': POSSIBLE,
      'task|out udp 53 sg:resolver': POSSIBLE,
      'resolver|in udp 53 10.20.0.0/16': 'active',
    },
  },
  {
    what: 'a NAT gateway’s interface',
    why: 'it has no groups: no rule is asked there; the machines behind it are judged at their own interfaces',
    kinds: ['natGateway', 'podThroughNatGateway'],
    there: [
      (world) => world.interfaces('nat_gateway').length === 1,
      (world) => world.interfaces('nat_gateway').every(({ groupIds }) => groupIds.length === 0),
      some(['natGateway'], ({ owner }) => owner?.type === 'nat_gateway'),
      some(['natGateway'], ({ owner }) => owner?.type === 'interface'),
    ],
    fates: ['attributed', 'noGroup'],
    verdicts: { 'worker|out tcp 443 0.0.0.0/0': 'active', 'node|out all 0.0.0.0/0': 'active' },
  },
  {
    what: 'a second flow log over the same interfaces',
    why: 'each connection to the database is in two logs: counted once, by the log with the smaller id',
    kinds: ['appToDatabase', 'databasePool'],
    there: [
      (world) => world.of('appToDatabase').some(({ owner }) => world.logsOver(owner!).join() === 'ALL,ALL'),
      (world) => new Set(world.of('appToDatabase').map(({ flowLogId }) => flowLogId)).size === 2,
      (world) => {
        const { use, truth } = world.rule('db|in tcp 5432 sg:app');
        return truth.requestsSetAside === truth.requests && use.usedTimes === truth.requests;
      },
    ],
    fates: ['attributed', 'duplicateLog'],
    verdicts: { 'db|in tcp 5432 sg:app': 'active', 'app|out tcp 5432 sg:db': 'active' },
  },
  {
    what: 'a REJECT-only log beside another one',
    why: 'what it repeats is set aside, and its silence about accepted traffic says nothing',
    kinds: ['tcpScan'],
    there: [
      (world) => world.of('tcpScan').some(({ owner }) => world.logsOver(owner!).sort().join() === 'ALL,REJECT'),
      all(['tcpScan'], ({ accepted }) => !accepted),
      (world) => new Set(world.of('tcpScan').map(({ flowLogId }) => flowLogId)).size === 2,
    ],
    fates: ['duplicateLog', 'rejected'],
    verdicts: { 'alb|in tcp 443 0.0.0.0/0': 'active', 'alb|in tcp 80 ::/0': 'stale' },
  },
  {
    what: 'a VPC whose only log is REJECT-only',
    why: 'used and unused rules look alike there: neither is called stale',
    kinds: ['legacyVpc'],
    there: [
      (world) => world.of('legacyVpc').every(({ owner }) => world.logsOver(owner!).join() === 'REJECT'),
      (world) => world.rule('legacy|in tcp 443 10.99.0.0/16').truth.requestsUnlogged > 0,
    ],
    fates: ['rejected'],
    verdicts: {
      'legacy|in tcp 443 10.99.0.0/16': 'notObserved: notWatched (noAccepted)',
      'legacy|in tcp 445 10.99.0.0/16': 'notObserved: notWatched (noAccepted)',
    },
  },
  {
    what: 'rules edited in place, before the edit',
    why: 'the inventory shows another content: with flags nothing explains the record; without, it looks like a reply',
    kinds: ['beforeTheEdit'],
    there: [
      all(['beforeTheEdit'], ({ rules }) => rules.every((label) => label.endsWith('@1'))),
      (world) => {
        const { truth } = world.rule('partner-api|in tcp 9443 203.0.113.0/25');
        return truth.earlier.length === 1 && truth.earlier[0]!.requests > 0;
      },
    ],
    fates: { v5: ['unexplained'], v2: ['attributed'] },
    verdicts: {},
  },
  {
    what: 'rules edited in place, after the edit',
    why: 'the new content has its own use, and none of the old one’s',
    kinds: ['afterTheEdit'],
    there: [
      all(['afterTheEdit'], ({ rules }) => rules.every((label) => !label.includes('@'))),
      ...['partner-api|in tcp 9443 203.0.113.0/25', 'partner-api|in tcp 7443 203.0.113.192/26'].map(
        (name) => (world: World) => {
          const { use, truth } = world.rule(name);
          return truth.earlier[0]!.requests > 0 && truth.requests > 0 && use.usedTimes === truth.requests;
        },
      ),
    ],
    fates: ['attributed'],
    verdicts: {
      'partner-api|in tcp 9443 203.0.113.0/25': 'active',
      'partner-api|in tcp 7443 203.0.113.192/26': 'active',
    },
  },
];

describe.each(['v5', 'v2'] as const)('%s logs', (format) => {
  test.each(ROWS.map((row) => [row.what, row] as const))('%s', (_, { kinds, there, fates, verdicts, why }) => {
    const world = worlds.get(format)!;
    expect({ why, there: there.map((is) => is(world)) }).toEqual({ why, there: there.map(() => true) });
    const seen = new Set(world.of(...kinds).map(({ fate }) => fate));
    expect([...seen].sort()).toEqual('v5' in fates ? fates[format] : fates);
    const said = Object.keys(verdicts).map((name) => {
      const { verdict } = world.rule(name);
      if (verdict.kind !== 'notObserved') return [name, verdict.kind];
      const because = verdict.reason === 'notWatched' ? ` (${verdict.because})` : '';
      return [name, `notObserved: ${verdict.reason}${because}`];
    });
    const expected = Object.entries(verdicts).map(([name, kind]) => [
      name,
      typeof kind === 'string' ? kind : kind[format],
    ]);
    expect(Object.fromEntries(said)).toEqual(Object.fromEntries(expected));
  });

  test('where both directions have a rule, both are credited or kept', () => {
    const world = worlds.get(format)!;
    for (const service of ['udp 500', '50']) {
      for (const direction of ['in', 'out']) {
        const { use, truth } = world.rule(`vpn|${direction} ${service} 198.51.100.192/27`);
        expect(truth.requests).toBeGreaterThan(0);
        expect(Math.min(use.usedTimes, use.possibleTimes)).toBeGreaterThan(0);
      }
    }
  });
});

test('v5 shows the packet’s own address beside the plain one at the NAT gateway, v2 does not', () => {
  const differing = (format: string) =>
    worlds
      .get(format)!
      .of('podThroughNatGateway')
      .some((one) => one.packetDiffers);
  expect([differing('v5'), differing('v2')]).toEqual([true, false]);
});
