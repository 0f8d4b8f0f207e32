/** What the nightly run makes of a synthetic account, day by day, on this machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { heardLogs } from '../../services/command-line/files/heard-logs.ts';
import { attributePart } from '../../services/reconcile-usage/attribute-part.ts';
import { foldFiles } from '../../services/reconcile-usage/fold-files.ts';
import { layOut } from '../../services/reconcile-usage/local-logs.ts';
import { formatAddress } from '../../shared/addresses/address.ts';
import { flowLogFileName } from '../../shared/flowlogs/file-name.ts';
import { withTexts } from '../shared/flowlogs/folded-texts.ts';
import type { FoldedRow } from '../../shared/flowlogs/folded-record.ts';
import type { FlowRecord } from '../../shared/flowlogs/record.ts';
import type { InventoryHistory } from '../../shared/history/inventory-history.ts';
import { CompiledInventory } from '../../shared/matching/compiled-inventory.ts';
import { dayOf, type Day } from '../../shared/time.ts';
import { emptyLogDay, noteFile, type LogDay } from '../../shared/usage/log-days.ts';
import { within } from '../../shared/usage/usage.ts';
import type { Account } from './account.ts';

export interface Night {
  readonly day: Day;
  /** Of the day, as the query of the night folds its files. */
  readonly rows: readonly FoldedRow<string>[];
}

/** A file holds records of the day in its name, or of the one before. */
const DAYS_OF_DELIVERY = 2;

export async function nightOf({ files }: Pick<Account, 'files'>, day: Day): Promise<Night> {
  const names = files.flatMap(({ name }) => {
    const delivered = flowLogFileName(name)!.day;
    return delivered >= day && delivered < day + DAYS_OF_DELIVERY ? [name] : [];
  });
  const folder = await mkdtemp(join(tmpdir(), 'stale-sg-night-'));
  const rows: FoldedRow<string>[] = [];
  try {
    for (const laid of await layOut(names, day, join(folder, 'logs'))) {
      const resources = { spillFolder: join(folder, 'spill'), memory: 1024, threads: 1 };
      for await (const some of foldFiles(laid, day, resources)) rows.push(...some.map(withTexts));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return { day, rows };
}

/** The days of an account, each as its night sees it. */
export async function nightsOf(account: Pick<Account, 'files'>): Promise<Night[]> {
  const days = new Set(account.files.map(({ name }) => flowLogFileName(name)!.day));
  const nights: Night[] = [];
  for (const day of [...days].sort((a, b) => a - b)) nights.push(await nightOf(account, day));
  return nights.filter(({ rows }) => rows.length > 0);
}

/** What the nights of an account make of their days, in turn. */
export async function* attributedAt(
  nights: readonly Night[],
  { files, inventory }: Pick<Account, 'files' | 'inventory'>,
  history?: InventoryHistory,
) {
  const logsOn = await heardLogs(files, history ? history.moments.map((moment) => moment.inventory) : [inventory]);
  const delivered = new Map<Day, Map<string, LogDay>>();
  for (const { name } of files) {
    const named = flowLogFileName(name)!;
    noteFile(within(delivered, named.day, named.flowLogId, emptyLogDay), named);
  }
  const compiled = new CompiledInventory(inventory);
  for (const { day, rows } of nights) {
    const logs = new Map([...delivered.get(day)!, ...logsOn(day)]);
    const part = await attributePart([rows], history?.compiledOn(day) ?? compiled, logs);
    yield { day, ...part };
  }
}

/** What stands in a row of a record, but for the ports: one of them may be left out. */
type Ends = Readonly<Record<'interface_id' | 'srcaddr' | 'dstaddr', string>> & Record<'day' | 'protocol', number>;
const keyOf = (ends: Ends, srcport: number, dstport: number): string =>
  [ends.day, ends.interface_id, ends.srcaddr, ends.dstaddr, ends.protocol, srcport, dstport].join(' ');

type Told = Pick<FlowRecord, 'opener' | 'synSeen' | 'paired' | 'service'>;

/** What a record says of itself. */
export const BY_DAY: Told = { opener: undefined, synSeen: false, paired: undefined, service: undefined };

/** By record, what the nights say of it beyond itself. Of UDP pairing, which is a record's own, nothing is asked here. */
export function toldAtNight(nights: readonly Night[]): (record: FlowRecord) => Told {
  const known = new Map<string, Told>();
  for (const { day, rows } of nights) {
    for (const row of rows) {
      if (row.kind !== 'ok' || row.action !== 'ACCEPT') continue;
      const { opener, syn_seen: synSeen, service, protocol } = row;
      const ends = { day, protocol, interface_id: row.interface_id!, srcaddr: row.srcaddr!, dstaddr: row.dstaddr! };
      const told = { opener: opener ?? undefined, synSeen, paired: undefined, service: service ?? undefined };
      known.set(keyOf(ends, row.srcport, row.dstport), told);
    }
  }
  return (record) => {
    const ends = {
      day: dayOf(record.end),
      interface_id: record.interfaceId,
      srcaddr: formatAddress(record.source),
      dstaddr: formatAddress(record.destination),
      protocol: record.protocol,
    };
    const [source, destination] = [record.sourcePort, record.destinationPort];
    // Undecided rows keep both ports; of the others the client's is left out.
    for (const ports of [[source, destination] as const, [-1, destination] as const, [source, -1] as const]) {
      const told = known.get(keyOf(ends, ...ports));
      if (told !== undefined) return told;
    }
    throw new Error(`no row for a record of ${record.interfaceId}`);
  };
}
