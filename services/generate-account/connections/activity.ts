/** How a TCP connection ends inside its last window: FIN from both, FIN then RST of the client, RST alone, or not at all. */
export type Ending = 'fin' | 'finReset' | 'reset' | 'open';

/**
 * When the packets of a connection flow: a handshake at `opened`, bursts every `period` seconds until `closed`, an end
 * at `closed`. Whoever watches, over whatever windows, sees the same packets: sums over windows do not depend on how
 * they are cut.
 */
export interface Activity {
  /** IANA protocol number. */
  readonly protocol: number;
  /** UNIX seconds, both inclusive. */
  readonly opened: number;
  readonly closed: number;
  /** Seconds between two bursts. */
  readonly period: number;
  /** Packets per burst from the opener, and back. */
  readonly forward: number;
  readonly backward: number;
  readonly ending: Ending;
  /**
   * `talk`: both speak. `unanswered`: every TCP packet is a SYN. `refused`: one SYN, one RST. `straggler`: packets of a
   * connection that is closed already: FIN again, no SYN.
   */
  readonly course: 'talk' | 'unanswered' | 'refused' | 'straggler';
}

/** What one window saw. Filled anew by each call of {@link watch}. */
export interface Sight {
  forward: number;
  backward: number;
  /** `tcp-flags`, ORed over the packets of one direction; 0 for other protocols. */
  forwardFlags: number;
  backwardFlags: number;
}

const FIN = 1;
const SYN = 2;
const RST = 4;
const SYN_ACK = 18;

/** The packets in [from, to), UNIX seconds, and their flags. */
export function watch(activity: Activity, from: number, to: number, seen: Sight): void {
  const { opened, closed, course } = activity;
  const bursts = burstsBefore(activity, to) - burstsBefore(activity, from);
  const isTcp = activity.protocol === 6;
  seen.forward = bursts * activity.forward;
  seen.backward = course === 'talk' ? bursts * activity.backward : 0;
  seen.forwardFlags = 0;
  seen.backwardFlags = 0;
  if (!isTcp) return;
  switch (course) {
    case 'talk':
      if (from <= opened && opened < to) shake(seen);
      if (from <= closed && closed < to) part(activity.ending, seen);
      break;
    case 'unanswered':
      if (seen.forward > 0) seen.forwardFlags = SYN;
      break;
    case 'refused':
      seen.forward = 0;
      if (from <= opened && opened < to) {
        seen.forward = 1;
        seen.forwardFlags = SYN;
        seen.backward = 1;
        seen.backwardFlags = RST;
      }
      break;
    case 'straggler':
      if (seen.forward > 0) seen.forwardFlags = FIN;
      break;
  }
}

function shake(seen: Sight): void {
  seen.forward += 2;
  seen.backward += 1;
  seen.forwardFlags |= SYN;
  seen.backwardFlags |= SYN_ACK;
}

function part(ending: Ending, seen: Sight): void {
  if (ending === 'open') return;
  seen.forward += 1;
  seen.forwardFlags |= ending === 'fin' ? FIN : ending === 'reset' ? RST : FIN | RST;
  if (ending === 'reset') return;
  seen.backward += 1;
  seen.backwardFlags |= FIN;
}

/** Bursts start at `opened`, the first with the handshake. */
function burstsBefore({ opened, closed, period }: Activity, time: number): number {
  if (time <= opened) return 0;
  return Math.ceil((Math.min(time, closed + 1) - opened) / period);
}
