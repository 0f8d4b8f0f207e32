import { distinctPrefixes, holds, isWithin } from '../../addresses/prefixes.ts';
import type { PortRange } from '../../inventory/inventory.ts';
import { fitsService, type Reach } from './reach.ts';

/** Another reach, where it meets the one that is to be covered. */
interface Part {
  readonly reach: Reach;
  /** First and last port, both inclusive, of those that are to be covered; 0 to 0 where there are no ports. */
  readonly from: number;
  readonly to: number;
  /** Whether it admits all of the peers, or only some. */
  readonly isFull: boolean;
}

/** For protocols without ports. */
const WHOLE: PortRange = { from: 0, to: 0 };

/** Whether the other one alone admits all that the reach does. */
export function coversAlone(other: Reach, reach: Reach): boolean {
  const { ports } = reach.rule;
  const holdsPorts =
    !ports || !other.rule.ports || (other.rule.ports.from <= ports.from && ports.to <= other.rule.ports.to);
  return holdsPorts && fitsService(other.rule, reach.rule) && holdsPeers(other, reach) === true;
}

/**
 * Of one reach, which others cover it together. Asked again and again for some of them, it takes time in proportion to
 * how many there are: of those that admit all peers the ports are joined from the first to the last, and only for ports
 * that these leave open the peers of the rest are put together.
 */
export class Coverage {
  readonly #reach: Reach;
  /** By their first port. */
  readonly #parts: readonly Part[];
  readonly #partial: readonly Part[];

  constructor(reach: Reach, others: readonly Reach[]) {
    this.#reach = reach;
    this.#parts = others.flatMap((other) => partOf(other, reach) ?? []).sort((a, b) => a.from - b.from);
    this.#partial = this.#parts.filter(({ isFull }) => !isFull);
  }

  /** Those that have a part in it; what all others admit is nothing of what it does. */
  get members(): Reach[] {
    return this.#parts.map(({ reach }) => reach);
  }

  /** Whether those that stand admit all that the reach does. */
  isWhole(stands: (other: Reach) => boolean): boolean {
    const gaps = this.#gaps(stands);
    if (gaps.length === 0) return true;
    const rest = this.#partial.filter(({ reach }) => stands(reach));
    return rest.length > 1 && this.#areFilled(gaps, rest);
  }

  /** Ports for which none that stands admits all peers. */
  #gaps(stands: (other: Reach) => boolean): PortRange[] {
    const { from, to: last } = this.#reach.rule.ports ?? WHOLE;
    const gaps: PortRange[] = [];
    let open = from;
    for (const part of this.#parts) {
      if (!part.isFull || part.to < open || !stands(part.reach)) continue;
      if (part.from > open) gaps.push({ from: open, to: part.from - 1 });
      open = part.to + 1;
    }
    if (open <= last) gaps.push({ from: open, to: last });
    return gaps;
  }

  /** @param parts by their first port */
  #areFilled(gaps: readonly PortRange[], parts: readonly Part[]): boolean {
    const ending = parts.toSorted((a, b) => a.to - b.to);
    const peers = new OpenPeers();
    let [begun, ended] = [0, 0];
    for (const gap of gaps) {
      for (let port = gap.from; port <= gap.to;) {
        for (; begun < parts.length && parts[begun]!.from <= port; begun++) peers.add(parts[begun]!.reach);
        for (; ended < ending.length && ending[ended]!.to < port; ended++) peers.remove(ending[ended]!.reach);
        if (!peers.hold(this.#reach)) return false;
        port = Math.min(parts[begun]?.from ?? Infinity, (ending[ended]?.to ?? Infinity) + 1);
      }
    }
    return true;
  }
}

/** The peers that are open at one port, of whatever rules. Those that are the same are looked at once. */
class OpenPeers {
  readonly #open = new Map<string, { readonly reach: Reach; times: number }>();
  /** What held, holds as long as none of it is gone. */
  #held = false;

  add(reach: Reach): void {
    const same = this.#open.get(reach.rule.peer.value);
    if (same) same.times++;
    else this.#open.set(reach.rule.peer.value, { reach, times: 1 });
  }

  remove({ rule }: Reach): void {
    const same = this.#open.get(rule.peer.value);
    if (!same || --same.times > 0) return;
    this.#open.delete(rule.peer.value);
    this.#held = false;
  }

  hold({ possible = [] }: Reach): boolean {
    if (this.#held) return true;
    const all = distinctPrefixes([...this.#open.values()].flatMap(({ reach }) => reach.sure));
    this.#held = possible.every((prefix) => isWithin(prefix, all));
    return this.#held;
  }
}

function partOf(other: Reach, reach: Reach): Part | undefined {
  if (!fitsService(other.rule, reach.rule)) return undefined;
  const isFull = holdsPeers(other, reach);
  if (isFull === undefined) return undefined;
  const whole = reach.rule.ports ?? WHOLE;
  const ports = (reach.rule.ports && other.rule.ports) ?? whole;
  return { reach: other, from: Math.max(whole.from, ports.from), to: Math.min(whole.to, ports.to), isFull };
}

/** Whether the other one has all peers of the reach, or only some; undefined if it has none. */
function holdsPeers({ name, sure }: Reach, reach: Reach): boolean | undefined {
  if (reach.name !== '' && name === reach.name) return true;
  const { possible } = reach;
  if (!possible || sure.length === 0) return undefined;
  const [one, only] = [sure[0]!, possible[0]!];
  if (sure.length === 1 && possible.length === 1) {
    if (holds(one, only)) return true;
    return holds(only, one) ? false : undefined;
  }
  return possible.every((prefix) => isWithin(prefix, sure));
}
