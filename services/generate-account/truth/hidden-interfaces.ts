import { GzipLines } from '../logs/gzip-lines.ts';
import type { Endpoint, Interface } from '../world/entities.ts';
import { isoTime } from '../../../shared/time.ts';

/**
 * What the inventory does not know: short-lived interfaces, those of the peered account, and the groups that known
 * interfaces had before. One line each: id (empty where it has no record), address, ids of its groups by blanks, and
 * when it lived (empty: always).
 */
export class HiddenInterfaces {
  readonly #lines: GzipLines;

  constructor(path: string, always: readonly Endpoint[]) {
    this.#lines = new GzipLines(path);
    this.#lines.add('interfaceId,address,groupIds,from,until\n');
    for (const endpoint of always) this.#lines.add(`,${endpoint.text},${[...endpoint.groups.ids].join(' ')},,\n`);
  }

  add(iface: Interface, from: number, until: number): void {
    const groupIds = [...iface.groups.ids].join(' ');
    const since = from === -Infinity ? '' : isoTime(from);
    this.#lines.add(`${iface.id},${iface.endpoints[0]!.text},${groupIds},${since},${isoTime(until)}\n`);
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}
