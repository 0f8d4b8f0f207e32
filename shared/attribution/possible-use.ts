import { hasPorts } from '../flowlogs/fields.ts';
import type { Direction, FlowRecord } from '../flowlogs/record.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { Admission, Admissions } from '../matching/admission.ts';
import type { CompiledInventory } from '../matching/compiled-inventory.ts';
import { hypothesesOf, peersOf, type Orientation } from './orient.ts';

/*
 * A record that is read one way may in truth have been the other: then the rules of the other way were used. Where
 * the evidence leaves room for that, they get possible use, which keeps them from ever being called unused.
 *
 * Without flags, what speaks for the chosen hypothesis is the ports. Worked examples, "in" before ">":
 *   in all, out all; 203.0.113.9:50000 > :443         request; no client uses port 443: clear
 *   in tcp 8080, out all; 10.0.0.9:3000 > :8080       request; a rule names this very service: clear
 *   in tcp 30000-30999, out all; 10.0.0.9:40000 > :30080   request; a narrow range, and the ports agree: clear
 *   in udp 0-65535, out udp 1024-65535; 10.0.0.9:50000 > :514   read as a reply, since the egress rule is narrower by
 *     1,024 ports: not clear, the ingress rule was possibly used
 *   in all, out all; 10.0.0.9:2055 > :9995            read as a reply by the smaller port: not clear
 *   in all, out all; 10.0.0.9:890 > :2049             the same: NFS clients use reserved ports
 *   123 > 123, or a protocol without ports            nothing tells: never clear
 */

/** Below, ports are services by convention: clients never take them, while some do take 512 to 1,023 (NFS, rsh). */
const FIRST_CLIENT_PORT = 512;
/** The first port of the ephemeral ranges in use (Linux). NAT gateways and others use all from 1,024. */
const FIRST_EPHEMERAL = 32_768;
/** A rule of at most so many ports names a service: that a client's port falls into it by chance is rare. */
const SERVICE_WIDTH = 16;
/** A rule of at most so many ports does so if the ports themselves speak for it too. */
const RANGE_WIDTH = 1024;

/** Who gets possible use by one record; each rule at most once. */
export interface PossibleUse {
  /** All rules that admit or could admit this: the hypothesis not chosen. */
  readonly lost: Admission | undefined;
  /** The rules that could admit these: hypotheses that no known rule admits. */
  readonly could: readonly Admission[];
  /** Rules that could have admitted the packet's own peer, where the plain address stands in for it. */
  readonly besides: readonly Rule[];
}

const NONE: PossibleUse = { lost: undefined, could: [], besides: [] };

export function possibleUse(record: FlowRecord, orientation: Orientation): PossibleUse {
  const { hypotheses, opener, refused } = orientation;
  const chosen = hypotheses[opener]!;
  const other = hypotheses[opener === 'request' ? 'reply' : 'request'];
  const unclear = other !== undefined && !isClear(record, orientation, chosen, other);
  const rival = unclear && other.specificity !== Infinity ? other : undefined;
  const unadmitted = [...new Set([chosen, hypotheses.request])].filter(
    (one) => one !== undefined && one !== rival && one.admitting.length === 0 && one.could.length > 0,
  ) as Admission[];
  if (!rival && unadmitted.length === 0 && !refused) return NONE;
  const found = { lost: rival, could: unadmitted, besides: [] };
  if (!refused) return found;
  const counted = new Set([
    ...chosen.admitting,
    ...unadmitted.flatMap(({ could }) => could),
    ...(rival?.admitting ?? []),
    ...(rival?.could ?? []),
  ]);
  const packets = [refused[opener], refused.request, ...(unclear ? [refused.reply] : [])];
  const besides = new Set(packets.flatMap((admission) => admission?.could ?? []));
  return { ...found, besides: [...besides].filter((rule) => !counted.has(rule)) };
}

/** Whether the record can be read in the chosen way only. */
function isClear(record: FlowRecord, { opener }: Orientation, chosen: Admission, other: Admission): boolean {
  const { sourcePort, destinationPort, protocol } = record;
  if (chosen.admitting.length === 0 || !hasPorts(protocol) || sourcePort === destinationPort) return false;
  const [service, client] = opener === 'request' ? [destinationPort, sourcePort] : [sourcePort, destinationPort];
  if (service < FIRST_CLIENT_PORT && client >= FIRST_CLIENT_PORT) return true;
  if (separates(SERVICE_WIDTH, chosen, other)) return true;
  return service < FIRST_EPHEMERAL && client >= FIRST_EPHEMERAL && separates(RANGE_WIDTH, chosen, other);
}

/** Whether the chosen hypothesis has a rule of at most so many ports, and the other has none. */
function separates(width: number, chosen: Admission, other: Admission): boolean {
  return widthOf(chosen) <= width && widthOf(other) > width;
}

/** Ports of the narrowest rule that admits or could. */
function widthOf({ specificity }: Admission): number {
  return specificity >> 1;
}

/**
 * The rules that an unknown interface's record may have used: of groups that no interface of the inventory carries,
 * those that admit or could admit it either way. A group whose members live for minutes is on no interface at the
 * moment of a snapshot, and is in use all the same.
 */
export function usedIfCarried(
  record: FlowRecord,
  vpcId: string,
  compiled: CompiledInventory,
  admissions: Admissions,
): Set<Rule> {
  const rules = new Set<Rule>();
  const directions: Direction[] = record.direction ? [record.direction] : ['ingress', 'egress'];
  for (const groupSet of compiled.uncarriedGroups(vpcId)) {
    for (const direction of directions) {
      const { packet, plain } = peersOf(record, direction);
      for (const peer of new Set([packet, plain])) {
        const { request, reply } = hypothesesOf(record, groupSet, direction, peer, admissions);
        for (const admission of [request, reply]) {
          for (const rule of [...(admission?.admitting ?? []), ...(admission?.could ?? [])]) rules.add(rule);
        }
      }
    }
  }
  return rules;
}
