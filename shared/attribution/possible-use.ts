import { hasPorts } from '../flowlogs/fields.ts';
import type { FlowRecord } from '../flowlogs/record.ts';
import type { Rule } from '../inventory/inventory.ts';
import type { Admission } from '../matching/admission.ts';
import type { Orientation } from './orient.ts';

/*
 * A record that is read one way may in truth have been the other: then the rules of the other way were used. Where
 * the evidence leaves room for that, they get possible use, which keeps them from ever being called unused.
 *
 * Without flags, what speaks for the chosen hypothesis is the ports. Worked examples, "in" before ">":
 *   in tcp 443, out all; 203.0.113.9:50000 > :443     request; well-known against ephemeral port: clear
 *   in tcp 50051, out all; 10.0.0.9:3000 > :50051     request; a rule names this very service: clear
 *   in udp 0-65535, out udp 1024-65535; 10.0.0.9:50000 > :514   read as a reply, since the egress rule is narrower by
 *     1,024 ports: not clear, the ingress rule was possibly used
 *   in all, out all; 10.0.0.9:2055 > :9995            read as a reply by the smaller port: not clear
 *   123 > 123, or a protocol without ports            nothing tells: never clear
 */

/** Highest well-known port, inclusive, and the first port of the ephemeral ranges in use (Linux: 32768). */
const LAST_WELL_KNOWN = 1023;
const FIRST_EPHEMERAL = 32_768;
/** A rule of at most so many ports names a service: that a client's port falls into it by chance is rare. */
const SERVICE_WIDTH = 16;

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
  const rivals = other !== undefined && other.specificity !== Infinity && !isClear(record, orientation, chosen, other);
  const unadmitted = [...new Set([chosen, hypotheses.request])].filter(
    (admission) => admission?.admitting.length === 0 && admission.could.length > 0 && !(rivals && admission === other),
  ) as Admission[];
  if (!rivals && unadmitted.length === 0 && !refused) return NONE;
  const found = { lost: rivals ? other : undefined, could: unadmitted, besides: [] };
  if (!refused) return found;
  const counted = new Set([
    ...chosen.admitting,
    ...unadmitted.flatMap(({ could }) => could),
    ...(rivals ? [...other.admitting, ...other.could] : []),
  ]);
  const besides = new Set([...(refused[opener]?.could ?? []), ...(refused.request?.could ?? [])]);
  return { ...found, besides: [...besides].filter((rule) => !counted.has(rule)) };
}

/** Whether the record can be read in the chosen way only. */
function isClear(record: FlowRecord, { opener }: Orientation, chosen: Admission, other: Admission): boolean {
  const { sourcePort, destinationPort, protocol } = record;
  if (chosen.admitting.length === 0 || !hasPorts(protocol) || sourcePort === destinationPort) return false;
  const [service, client] = opener === 'request' ? [destinationPort, sourcePort] : [sourcePort, destinationPort];
  if (rangeOf(service) < rangeOf(client)) return true;
  return widthOf(chosen) <= SERVICE_WIDTH && widthOf(other) > SERVICE_WIDTH;
}

function rangeOf(port: number): 0 | 1 | 2 {
  return port <= LAST_WELL_KNOWN ? 0 : port < FIRST_EPHEMERAL ? 1 : 2;
}

/** Ports of the narrowest rule that admits or could. */
function widthOf({ specificity }: Admission): number {
  return specificity >> 1;
}
