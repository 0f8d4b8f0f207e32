import { formatPrefix, parsePrefix, type Prefix } from '../../addresses/address.ts';
import type { Inventory, Rule } from '../../inventory/inventory.ts';
import {
  CAVEATS,
  NARROWER_DEFAULTS,
  type Caveat,
  type Narrower,
  type NarrowerOptions,
  type ProposedRule,
} from './narrower.ts';
import type { Seen } from './narrowing.ts';
import type { Box } from './cut-points.ts';
import { byPlace, holds } from '../../addresses/prefixes.ts';
import { tighten, volumeOf } from './tighten.ts';
import { hasPorts, protocolName } from '../../protocols.ts';
import type { Day } from '../../time.ts';

/** Stands for the members of a group or list, whoever they are. */
const ANYBODY = parsePrefix('0.0.0.0/0')!;
const PORTS = 65_536;
/** Of all protocols, TCP and UDP have ports; each of the other 254 counts as one. */
const ALL_SERVICES = 2 * PORTS + 254;
/** Lists that AWS keeps up to date: nobody should copy their entries. */
const OF_AWS = 'com.amazonaws.';

/** New boxes, the share of the rule's space that they give up, and how their peers are named. */
interface Proposal {
  readonly boxes: readonly Box[];
  readonly givesUp: number;
  readonly peerOf: (box: Box) => ProposedRule['peer'];
  readonly replacesList: boolean;
}

/** A peer that had not been seen before came in the last third of the days, so that more are to be expected. */
function doPeersMove({ rule: { peer }, points }: Seen, days: readonly Day[]): boolean {
  if (peer.type === 'group') return false;
  const [first, last] = [Math.min(...days), Math.max(...days)];
  return (points.lastNewPeer ?? Infinity) > first + (2 / 3) * (last - first + 1) - 1;
}

/** Undefined where the evidence is too short, or what can be given up is not worth a change. */
export function narrowerOf(
  seen: Seen,
  evidenceDays: readonly Day[],
  inventory: Inventory,
  options: NarrowerOptions,
): Narrower | undefined {
  const days = evidenceDays.length;
  if (days < options.minDays) return undefined;
  const moves = doPeersMove(seen, evidenceDays);
  const [best] = proposalsOf(seen, inventory, options.maxRules, moves).sort((a, b) => b.givesUp - a.givesUp);
  if (!best || best.givesUp < options.minGivesUp || best.givesUp <= 0) return undefined;
  return {
    ruleId: seen.rule.ruleId,
    rules: [...best.boxes].sort(byService).map((box) => proposedRule(box, best.peerOf(box))),
    givesUp: best.givesUp,
    serviceFlows: seen.flows,
    days,
    caveats: caveatsOf(seen, days, best, moves),
  };
}

function proposalsOf({ rule, points }: Seen, inventory: Inventory, maxRules: number, moves: boolean): Proposal[] {
  const { peer } = rule;
  const found = points.boxes();
  // While new peers come, any peer that the rule admits may be next.
  const boxes = moves && 'prefix' in peer ? found.map((box) => ({ ...box, prefix: peer.prefix })) : found;
  switch (peer.type) {
    case 'cidrIpv4':
    case 'cidrIpv6': {
      const peerOf = ({ prefix }: Box) => ({ type: peer.type, value: formatPrefix(prefix) });
      return proposal(rule, [peer.prefix], tighten(boxes, maxRules), peerOf, false);
    }
    case 'group': {
      const { type, value } = peer;
      return proposal(rule, [ANYBODY], tighten(boxes, maxRules), () => ({ type, value }), false);
    }
    case 'prefixList': {
      const { type, value } = peer;
      const list = inventory.prefixLists.get(value);
      const known = list?.entries && list.entries.length > 0 ? list.entries : undefined;
      const ports = tighten(
        boxes.map((box) => ({ ...box, prefix: ANYBODY })),
        maxRules,
      );
      const kept = proposal(rule, [ANYBODY], ports, () => ({ type, value }), false);
      if (moves || !known || list!.name.startsWith(OF_AWS)) return kept;
      const used = boxes.flatMap((box) => entriesAt(box.prefix, known).map((prefix) => ({ ...box, prefix })));
      const ofEntry = used.map((box) => ({ ...box, kind: `${String(box.protocol)} ${formatPrefix(box.prefix)}` }));
      const peerOf = ({ prefix }: Box): ProposedRule['peer'] => {
        return { type: prefix.address.family === 6 ? 'cidrIpv6' : 'cidrIpv4', value: formatPrefix(prefix) };
      };
      // The list is kept where its entries give up no more.
      return [...kept, ...proposal(rule, known, tighten(ofEntry, maxRules), peerOf, true)];
    }
    case 'unknown':
      return [];
  }
}

function proposal(
  rule: Rule,
  peers: readonly Prefix[],
  boxes: readonly Box[] | undefined,
  peerOf: Proposal['peerOf'],
  replacesList: boolean,
): Proposal[] {
  if (!boxes) return [];
  const whole = servicesOf(rule) * volumeOf(peers.map((prefix) => ({ kind: '', protocol: 0, from: 0, to: 0, prefix })));
  return [{ boxes, givesUp: 1 - volumeOf(boxes) / whole, peerOf, replacesList }];
}

/** How many services a peer may reach: ports, where there are such. */
function servicesOf({ protocolNumber, ports }: Rule): number {
  if (ports) return ports.to - ports.from + 1;
  return protocolNumber === undefined ? ALL_SERVICES : 1;
}

/** The entries that hold some of the prefix, those left out that others hold. */
function entriesAt(prefix: Prefix, entries: readonly Prefix[]): Prefix[] {
  const there = entries.filter((entry) => meets(entry, prefix));
  return there.filter((entry) => !there.some((other) => other.length < entry.length && holds(other, entry)));
}

function meets(entry: Prefix, prefix: Prefix): boolean {
  return holds(entry, prefix) || holds(prefix, entry);
}

function proposedRule({ protocol, from, to }: Box, peer: ProposedRule['peer']): ProposedRule {
  return {
    protocol: protocolName(protocol),
    ports: hasPorts(protocol) ? { from, to } : undefined,
    peer,
  };
}

function byService(a: Box, b: Box): number {
  return a.protocol - b.protocol || a.from - b.from || a.to - b.to || byPlace(a.prefix, b.prefix);
}

function caveatsOf(
  { points, sure, possible, untracked }: Seen,
  days: number,
  { replacesList }: Proposal,
  moves: boolean,
): Caveat[] {
  const holdsTrue: Readonly<Record<Caveat, boolean>> = {
    fewDays: days < NARROWER_DEFAULTS.minDays,
    peersMove: moves,
    possibleUse: possible,
    inferredOnly: sure === 0,
    cutsUntracked: untracked,
    listMayChange: replacesList,
    coarse: points.isCoarse,
  };
  return CAVEATS.filter((caveat) => holdsTrue[caveat]);
}
