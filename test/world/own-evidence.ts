import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { findLogFiles } from '../../services/command-line/files/find-log-files.ts';
import { formatAddress } from '../../shared/addresses/address.ts';
import { flowLogIdOf } from '../../shared/flowlogs/file-name.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import { filesUnder } from '../services/generate-account/generated.ts';
import { readEach } from './account.ts';

/** One file in the format v5. */
interface LogText {
  readonly name: string;
  readonly fields: readonly string[];
  /** The last one is empty. */
  readonly lines: readonly string[];
}

/**
 * Logs of which a day says no more than each record by itself: every TCP record shows its SYN, and the SYN-ACKs are
 * missing that no rule explains, which say more where the SYN before them was seen.
 */
export async function withOwnEvidence(logs: string, into: string, inventory: Inventory): Promise<string> {
  rewrite(logs, into, ({ fields, lines }) => {
    const [flags, protocol, source] = ['tcp-flags', 'protocol', 'srcport'].map((one) => fields.indexOf(one));
    return lines.map((line) => {
      const cells = line.split(' ');
      const isTcp = cells[protocol!] === '6' && cells[flags!] !== '-';
      if (isTcp && (Number(cells[flags!]) & 2) === 0) cells[flags!] = Number(cells[source!]) > 32_768 ? '2' : '18';
      return cells.join(' ');
    });
  });
  const unexplained = new Set<string>();
  await readEach((await findLogFiles([into])).files, inventory, (record, { orientation }) => {
    if (!orientation?.otherPath) return;
    const { interfaceId, source, destination, sourcePort, destinationPort, start } = record;
    const addresses = [source, destination].map(formatAddress);
    unexplained.add([interfaceId, ...addresses, sourcePort, destinationPort, start].join(' '));
  });
  rewrite(into, into, ({ fields, lines }) => {
    const key = ['interface-id', 'srcaddr', 'dstaddr', 'srcport', 'dstport', 'start'].map((one) => fields.indexOf(one));
    return lines.filter((line) => {
      const cells = line.split(' ');
      return !unexplained.has(key.map((at) => cells[at]).join(' '));
    });
  });
  return into;
}

/** Lets each flow log, of files once an hour, be heard in all hours of the day: NODATA of an interface that nobody knows. */
export function hearAllHours(logs: string, day: string): void {
  const names = filesUnder(logs).reverse();
  const firstOfLog = new Set(new Map(names.map((name) => [flowLogIdOf(name), name])).values());
  rewrite(logs, logs, ({ name, fields, lines }) => {
    if (!firstOfLog.has(name)) return lines;
    const heard = Array.from({ length: 24 }, (_, hour) => {
      const end = Date.parse(day) / 1000 + hour * 3600 + 1800;
      const told = new Map([
        ['interface-id', 'eni-0quiet'],
        ['start', `${end - 60}`],
        ['end', `${end}`],
        ['log-status', 'NODATA'],
      ]);
      return fields.map((field) => told.get(field) ?? '-').join(' ');
    });
    return [...heard, ...lines];
  });
}

function rewrite(from: string, into: string, change: (text: LogText) => readonly string[]): void {
  for (const name of filesUnder(from)) {
    const [header = '', ...lines] = gunzipSync(readFileSync(join(from, name)))
      .toString('latin1')
      .split('\n');
    const changed = change({ name, fields: header.split(' '), lines });
    mkdirSync(dirname(join(into, name)), { recursive: true });
    writeFileSync(join(into, name), gzipSync(Buffer.from([header, ...changed].join('\n'), 'latin1')));
  }
}
