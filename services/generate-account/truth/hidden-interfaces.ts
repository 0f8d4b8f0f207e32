import { GzipLines } from '../logs/gzip-lines.ts';
import type { Endpoint, Interface } from '../world/entities.ts';
import { isoTime } from '../../../shared/time.ts';

/** An interface that no inventory shows, or as one was before; UNIX seconds, -Infinity for always. */
export interface HiddenLife {
  readonly iface: Interface;
  readonly from: number;
  readonly until: number;
}

/**
 * What the inventory does not know: short-lived interfaces, those of the peered account, and the groups that known
 * interfaces had before. One line each: id (empty where it has no record), address, ids of its groups by blanks, and
 * when it lived (empty: always).
 */
export class HiddenInterfaces {
  /** All that were added, where they are kept. */
  readonly lives: HiddenLife[] = [];
  readonly #lines: GzipLines;
  readonly #keep: boolean;

  /** @param keep in memory too, for whoever writes what the account remembers of them */
  constructor(path: string, always: readonly Endpoint[], keep: boolean) {
    this.#keep = keep;
    this.#lines = new GzipLines(path);
    this.#lines.add('interfaceId,address,groupIds,from,until\n');
    for (const endpoint of always) this.#lines.add(`,${endpoint.text},${[...endpoint.groups.ids].join(' ')},,\n`);
  }

  add(iface: Interface, from: number, until: number): void {
    if (this.#keep) this.lives.push({ iface, from, until });
    const groupIds = [...iface.groups.ids].join(' ');
    const since = from === -Infinity ? '' : isoTime(from);
    this.#lines.add(`${iface.id},${iface.endpoints[0]!.text},${groupIds},${since},${isoTime(until)}\n`);
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}
