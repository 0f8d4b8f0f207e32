import { REGION, type Interface, type InterfaceOptions } from './aws-items.ts';
import { at, range, hoursOf, HOUR } from './clock.ts';
import { recordRow, type ConnectionOptions, type Direction, type End, type RecordOptions } from './flow-record.ts';
import { FLAGS, hasPorts, protocolNumber, rowWithoutData, type Row } from './format.ts';
import { Inventory } from './inventory.ts';

interface Recorded {
  /** Of logs. */
  readonly folder: string;
  readonly interfaceId: string;
  readonly values: Row;
}

/** An account over time: its inventory and earlier states of it, and what its interfaces send and receive. */
export class Account extends Inventory {
  /** Snapshots, each with its time; none where there is one inventory only. */
  readonly snapshots: { readonly takenAt: number; readonly inventory: Inventory }[] = [];
  /** The UTC days that each folder of logs speaks of. */
  readonly spans = new Map<string, readonly number[]>();
  #folder = 'logs';
  #records: Recorded[] = [];
  #captured: Recorded[] | undefined;
  #portsTaken = 0;

  constructor(fields: readonly string[], length: number) {
    super(fields);
    this.spans.set(this.#folder, range(0, length));
  }

  /** An interface that is in no inventory: it lived, and was deleted. Returns its id. */
  gone(id: string, ip: string, options: InterfaceOptions = {}): string {
    return this.eni(id, ip, [], { noData: false, listed: false, ...options });
  }

  /** The inventory as it is by now, as a snapshot of that time. Change what it returns. */
  snapshot(day: number, hour = 0, minute = 0): Inventory {
    const inventory = new Inventory(this.fields, this);
    this.snapshots.push({ takenAt: at(day, hour, minute), inventory });
    return inventory;
  }

  /** A snapshot at 03:45 of each of the days. */
  snapshotDaily(of: readonly number[] = range(-1, 30)): void {
    for (const day of of) this.snapshot(day, 3, 45);
  }

  /** Traffic that follows goes to another folder of logs. */
  open(folder: string, span: readonly number[]): void {
    this.#folder = folder;
    this.spans.set(folder, span);
  }

  daily(hour = 12, of = this.#span()): number[] {
    return of.map((day) => at(day, hour));
  }

  hourly(minute = 0, of = this.#span()): number[] {
    return hoursOf(of, minute);
  }

  /**
   * A connection as every interface that it ends at sees it: the request, and the reply. An end is an interface of the
   * account or an address.
   */
  conn(client: string, server: string, port: number, options: ConnectionOptions = {}): void {
    const { protocol = 'tcp', when = this.daily(), times = 1, syn = true, reply = true } = options;
    const number = protocolNumber(protocol);
    const isV6 = client.includes(':') || server.includes(':');
    const [ask, answer] = syn && number === 6 ? [FLAGS.synFin, FLAGS.synAckFin] : [FLAGS.none, FLAGS.none];
    for (const start of when.flatMap((time) => Array.from({ length: times }, (_, i) => time + i))) {
      const clientPort = options.clientPort ?? (hasPorts(number) ? this.#ephemeralPort() : 0);
      const from: End = [this.#addressOf(client, isV6), clientPort];
      const to: End = [this.#addressOf(server, isV6), port];
      for (const [end, there, back, own, other] of [
        [client, 'egress', 'ingress', 'source', 'destination'],
        [server, 'ingress', 'egress', 'destination', 'source'],
      ] as const) {
        if (!isInterface(end)) continue;
        this.record(end, there, from, to, start, { protocol: number, flags: ask, own });
        if (reply) this.record(end, back, to, from, start, { protocol: number, flags: answer, own: other });
      }
    }
  }

  /** One record of an interface. */
  record(
    interfaceId: string,
    direction: Direction,
    source: End,
    destination: End,
    start: number,
    options: RecordOptions = {},
  ): void {
    const { ip } = this.interfaceOf(interfaceId);
    this.#add(interfaceId, recordRow(ip, direction, source, destination, start, options));
  }

  /** Attempts over TCP to reach an interface that no rule admitted. */
  reject(interfaceId: string, source: End, destination: End, when: readonly number[]): void {
    for (const start of when) {
      this.record(interfaceId, 'ingress', source, destination, start, { flags: FLAGS.syn, action: 'REJECT' });
    }
  }

  status(interfaceId: string, status: 'NODATA' | 'SKIPDATA', when: readonly number[]): void {
    for (const start of when) this.#add(interfaceId, rowWithoutData(status, start));
  }

  /** From now on no idle hour of the interfaces so far is written as NODATA. */
  withoutIdleHours(): void {
    for (const [id, one] of this.interfaces) this.interfaces.set(id, { ...one, noData: false });
  }

  /** Replaces fields of every record so far. */
  overwrite(values: Readonly<Record<string, string>>): void {
    this.#records = this.#records.map((one) => ({ ...one, values: { ...one.values, ...values } }));
  }

  /** The records of some traffic, kept out of the logs: for files that a case writes by itself. */
  rowsOf(traffic: () => void): Row[] {
    this.#captured = [];
    traffic();
    const rows = this.#captured.map((one) => this.#rowOf(one));
    this.#captured = undefined;
    return rows;
  }

  /** All records of the logs so far, NODATA included, taken out of them: for files that a case writes by itself. */
  take(): Row[] {
    const taken = this.records().filter(({ folder }) => folder === 'logs');
    this.#records = this.#records.filter(({ folder }) => folder !== 'logs');
    this.spans.delete('logs');
    return taken.map(({ row }) => row);
  }

  /** Everything that was recorded, in the order in which it ended. */
  records(): { readonly folder: string; readonly interfaceId: string; readonly row: Row }[] {
    return [...this.#records, ...this.#idleHours()]
      .sort((a, b) => a.values.end - b.values.end)
      .map((one) => ({ folder: one.folder, interfaceId: one.interfaceId, row: this.#rowOf(one) }));
  }

  /** As it is now, or else as the first snapshot says that has it. */
  interfaceOf(id: string): Interface {
    for (const { interfaces } of this.#inventories()) {
      const found = interfaces.get(id);
      if (found) return found;
    }
    throw new Error(`there is no interface ${id}`);
  }

  #add(interfaceId: string, values: Row): void {
    (this.#captured ?? this.#records).push({ folder: this.#folder, interfaceId, values });
  }

  #rowOf({ interfaceId, values }: Recorded): Row {
    const { owner, vpc, subnet } = this.interfaceOf(interfaceId);
    return {
      version: 5,
      'account-id': owner,
      'interface-id': interfaceId,
      'vpc-id': vpc,
      'subnet-id': subnet,
      region: REGION,
      'az-id': 'euw1-az1',
      ...values,
    };
  }

  /** AWS writes NODATA for an interface without traffic; here once an hour. */
  #idleHours(): Recorded[] {
    const hourOf = (folder: string, interfaceId: string, start: number): string =>
      `${folder} ${interfaceId} ${Math.floor(start / HOUR)}`;
    const busy = new Set(
      this.#records.map(({ folder, interfaceId, values }) => hourOf(folder, interfaceId, values.start)),
    );
    return [...this.#everyInterface()].flatMap(([interfaceId, { noData, since, until }]) =>
      noData
        ? [...this.spans].flatMap(([folder, span]) =>
            hoursOf(span)
              .filter((start) => start >= since && start < until && !busy.has(hourOf(folder, interfaceId, start)))
              .map((start) => ({ folder, interfaceId, values: rowWithoutData('NODATA', start) })),
          )
        : [],
    );
  }

  #everyInterface(): Map<string, Interface> {
    const found = new Map<string, Interface>();
    for (const { interfaces } of this.#inventories()) {
      for (const [id, one] of interfaces) if (!found.has(id)) found.set(id, one);
    }
    return found;
  }

  #inventories(): Inventory[] {
    return [this, ...this.snapshots.map(({ inventory }) => inventory)];
  }

  #span(): readonly number[] {
    return this.spans.get(this.#folder) ?? [];
  }

  #addressOf(end: string, isV6: boolean): string {
    if (!isInterface(end)) return end;
    const { ip, ip6 } = this.interfaceOf(end);
    const address = isV6 ? ip6[0] : ip;
    if (address === undefined) throw new Error(`${end} has no IPv6 address`);
    return address;
  }

  #ephemeralPort(): number {
    this.#portsTaken = (this.#portsTaken + 7) % 20_000;
    return 40_000 + this.#portsTaken;
  }
}

/** And not an address. */
function isInterface(end: string): boolean {
  return end.startsWith('eni-');
}
