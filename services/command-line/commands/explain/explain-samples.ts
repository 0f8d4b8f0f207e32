import { formatAddress, sameAddress, type Address } from '../../../../shared/addresses/address.ts';
import { duplicatesAmong, type IsDuplicate } from '../../../../shared/attribution/duplicate-log.ts';
import { directionOf, orient, peerOf, type Orientation } from '../../../../shared/attribution/orient.ts';
import type { FlowName } from '../../../../shared/evidence/flow-text.ts';
import type { FlowRecord } from '../../../../shared/flowlogs/record.ts';
import { Admissions } from '../../../../shared/matching/admission.ts';
import type { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import { fetchedAhead } from '../../files/fetch-ahead.ts';
import { findLogFiles } from '../../files/find-log-files.ts';
import type { LogOptions } from '../../files/asked-days.ts';
import { readLogFile } from '../../files/read-log-file.ts';
import { flowLogIdOf } from '../../../../shared/flowlogs/file-name.ts';
import { isoTime } from '../../../../shared/time.ts';
import { hasPorts, protocolName } from '../../../../shared/protocols.ts';
import { heardLogs } from '../../files/heard-logs.ts';

/** A record that falls into a service flow. */
export interface SampleRecord {
  readonly file: string;
  /** Line, or row of a Parquet file, counted from 1. */
  readonly line: number;
  readonly record: string;
  readonly opener: Orientation['opener'];
  readonly ground: Orientation['ground'];
}

/**
 * The first records, in the order of the files, that fall into the flow. Reads no further than the file with the last.
 *
 * @throws Error that names the file that cannot be read
 */
export async function sampleRecords(
  { logs, ...options }: LogOptions & { readonly logs: readonly string[] },
  name: FlowName,
  compiled: CompiledInventory,
  most: number,
): Promise<SampleRecord[]> {
  const read = readingOf(name, compiled);
  const samples: SampleRecord[] = [];
  const { files } = await findLogFiles(logs, options);
  const logsOn = await heardLogs(files, [compiled.inventory]);
  for (const file of fetchedAhead(files)) {
    const isDuplicate = duplicatesAmong(flowLogIdOf(file.name), logsOn);
    const sink = {
      record: (record: FlowRecord, line: number) => {
        if (samples.length >= most || record.interfaceId !== name.interfaceId) return;
        const orientation = read(record, isDuplicate);
        if (!orientation) return;
        const { opener, ground } = orientation;
        samples.push({ file: file.name, line, record: recordText(record), opener, ground });
      },
      malformed: () => undefined,
    };
    await readLogFile(file, sink);
    if (samples.length >= most) break;
  }
  return samples;
}

/** How a record of the flow is read; undefined for records of other flows. */
function readingOf(name: FlowName, compiled: CompiledInventory) {
  const owner = compiled.interfaceOf(name.interfaceId);
  const admissions = new Admissions(compiled);
  return (record: FlowRecord, isDuplicate: IsDuplicate): Orientation | undefined => {
    if (!owner?.groupSet || !record.accepted || record.status !== 'OK' || record.protocol !== name.protocol) return;
    if (isDuplicate(record, owner)) return;
    const direction = directionOf(record, owner, compiled);
    if (!direction) return;
    const orientation = orient(record, owner.groupSet, direction, admissions);
    const isRequest = orientation.opener === 'request';
    const port = hasPorts(record.protocol) ? (isRequest ? record.destinationPort : record.sourcePort) : 0;
    const peer = peerOf(record, direction, orientation);
    const isSame = port === name.port && isRequest === (direction === name.direction) && sameAddress(peer, name.peer);
    return isSame ? orientation : undefined;
  };
}

function recordText(record: FlowRecord): string {
  const { protocol, packets, bytes, tcpFlags, start, end } = record;
  const at = (address: Address, port: number): string => {
    const text = formatAddress(address);
    if (!hasPorts(protocol)) return text;
    return address.family === 6 ? `[${text}]:${port}` : `${text}:${port}`;
  };
  const [from, to] = [at(record.source, record.sourcePort), at(record.destination, record.destinationPort)];
  const flags = tcpFlags < 0 ? '' : `, tcp-flags ${tcpFlags}`;
  const times = `${isoTime(start)} to ${isoTime(end)}`;
  return `${from} > ${to} ${protocolName(protocol)}${flags}, ${packets} packets, ${bytes} bytes, ${times}`;
}
