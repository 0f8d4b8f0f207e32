import type { FlowRecord } from '../flowlogs/record.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { Admission, Admissions } from '../matching/admission.ts';
import type { GroupSet } from '../matching/compiled-inventory.ts';
import { hypothesesOf, peersOf, type Orientation } from './orient.ts';
import { hasPorts, type Direction, UDP } from '../protocols.ts';

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
/**
 * A rule of at most so many ports names a service: that a client's port falls into it by chance is rare. Over UDP it is
 * not enough, since many clients there have a port of their own (SIP, NetFlow, NTP).
 */
const SERVICE_WIDTH = 16;
/** Active FTP opens its data connections from this port. */
const FTP_DATA = 20;
/** A rule of at most so many ports does so if the ports themselves speak for it too. */
const RANGE_WIDTH = 1024;

/** Who gets possible use by one record; each rule at most once. */
export interface PossibleUse {
  /** All rules that admit or could admit this: the hypothesis not chosen. */
  readonly lost: Admission | undefined;
  /** The rules that could admit these: hypotheses that no known rule admits. */
  readonly could: readonly Admission[];
  /** Rules that may have admitted the other one of the packet's own address and the plain one. */
  readonly besides: readonly Rule[];
}

const NONE: PossibleUse = { lost: undefined, could: [], besides: [] };

export function possibleUse(record: FlowRecord, orientation: Orientation): PossibleUse {
  const { hypotheses, opener, refused, untried } = orientation;
  const chosen = hypotheses[opener]!;
  const other = hypotheses[opener === 'request' ? 'reply' : 'request'];
  const unclear = other !== undefined && !isClear(record, orientation, chosen, other);
  const rival = unclear && other.specificity !== Infinity ? other : undefined;
  const unadmitted = [...new Set([chosen, hypotheses.request])].filter(
    (one) => one !== undefined && one !== rival && one.admitting.length === 0 && one.could.length > 0,
  ) as Admission[];
  if (!rival && unadmitted.length === 0 && !refused && !untried) return NONE;
  const found = { lost: rival, could: unadmitted, besides: [] };
  if (!refused && !untried) return found;
  const counted = new Set([...chosen.admitting, ...unadmitted.flatMap(({ could }) => could), ...rulesOf(rival)]);
  const packets = refused ? [refused[opener], refused.request, ...(unclear ? [refused.reply] : [])] : [];
  // With flags the reading is sure, and an address that it admits is the right one.
  const plain = other?.admitting.length === 0 ? untried?.[opener === 'request' ? 'reply' : 'request'] : undefined;
  const besides = new Set([...packets, plain].flatMap(rulesOf));
  return { ...found, besides: [...besides].filter((rule) => !counted.has(rule)) };
}

/** Whether the record can be read in the chosen way only. */
function isClear(record: FlowRecord, { opener }: Orientation, chosen: Admission, other: Admission): boolean {
  const { sourcePort, destinationPort, protocol } = record;
  if (chosen.admitting.length === 0 || !hasPorts(protocol) || sourcePort === destinationPort) return false;
  const [service, client] = opener === 'request' ? [destinationPort, sourcePort] : [sourcePort, destinationPort];
  if (service === FTP_DATA) return false;
  if (service < FIRST_CLIENT_PORT && client >= FIRST_CLIENT_PORT) return true;
  const agrees = service < FIRST_EPHEMERAL && client >= FIRST_EPHEMERAL;
  if (separates(SERVICE_WIDTH, chosen, other)) return agrees || protocol !== UDP;
  return agrees && separates(RANGE_WIDTH, chosen, other);
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
 * The rules of these groups that admit or could admit the record in either reading, and in either direction where the
 * log does not say: what may have been used where nobody can tell more.
 */
export function usedEitherWay(record: FlowRecord, groupSets: readonly GroupSet[], admissions: Admissions): Set<Rule> {
  const directions: Direction[] = record.direction ? [record.direction] : ['ingress', 'egress'];
  const asked = groupSets.flatMap((groupSet) => directions.map((direction) => ({ groupSet, direction })));
  const found = asked.flatMap(({ groupSet, direction }) => {
    const { packet, plain } = peersOf(record, direction);
    return [packet, plain].map((peer) => hypothesesOf(record, groupSet, direction, peer, admissions));
  });
  return new Set(found.flatMap(({ request, reply }) => [request, reply].flatMap(rulesOf)));
}

/** The rules that admit or could. */
function rulesOf(admission: Admission | undefined): readonly Rule[] {
  return admission ? [...admission.admitting, ...admission.could] : [];
}
