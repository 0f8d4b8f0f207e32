import { GzipLines } from '../logs/gzip-lines.ts';
import type { Endpoint, Interface } from '../world/entities.ts';
import { isoTime } from '../../../shared/time.ts';

/**
 * What the inventory does not know: interfaces of short-lived tasks, and those of the peered account. One line each:
 * id (empty where it has no record), address, ids of its groups by blanks, and when it lived (empty: always).
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
    this.#lines.add(`${iface.id},${iface.endpoints[0]!.text},${groupIds},${isoTime(from)},${isoTime(until)}\n`);
  }

  close(): Promise<void> {
    return this.#lines.close();
  }
}
