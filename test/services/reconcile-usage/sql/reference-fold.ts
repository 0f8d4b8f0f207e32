import type { FoldedRow } from '../../../../shared/flowlogs/folded-record.ts';
import { DAY, MIDNIGHT, type LogFile } from './laid-files.ts';

/*
 * The fold of one day, written from the design page and from what FoldedRow promises, as naively as can be: no line in
 * common with the program.
 */

type Cells = Readonly<Record<string, string | undefined>>;

interface Read {
  readonly kind: FoldedRow['kind'];
  readonly file: string;
  readonly flowLogId: string;
  readonly cells: Cells;
}

/** @param lateHours hours of the next day whose files are read */
export function referenceFold(
  files: readonly (LogFile & { readonly uri: string })[],
  fields: readonly string[],
  lateHours = 6,
): FoldedRow[] {
  const read: Read[] = [];
  for (const file of files) {
    if (file.published < MIDNIGHT || file.published >= MIDNIGHT + 86_400 + lateHours * 3600) continue;
    const add = (kind: Read['kind'], cells: Cells): void => {
      read.push({ kind, file: file.uri, flowLogId: file.flowLogId, cells });
    };
    const isOfDay = file.published < MIDNIGHT + 86_400;
    for (const { kind, cells } of file.rows ? rowsOf(file.rows) : linesOf(file.text ?? '', fields)) {
      if (kind === 'header') add('header', {});
      else if (kind === 'malformed' && isOfDay) add('malformed', {});
      else if (cells.end === undefined) {
        if (isOfDay) add(kind, { ...cells, start: cells.start ?? String(MIDNIGHT), end: String(MIDNIGHT) });
      } else if (Math.floor(Number(cells.end) / 86_400) === DAY) add(kind, cells);
    }
  }
  return grouped(read);
}

type Found = { readonly kind: FoldedRow['kind']; readonly cells: Cells };

function linesOf(text: string, fields: readonly string[]): Found[] {
  const known = /^[a-z][a-z0-9-]*$/;
  return text.split(/\r\n|\r|\n/).flatMap((line): Found[] => {
    const parts = line.split(/[\0- ]+/).filter((part) => part !== '');
    if (parts.length === 0) return [];
    if (line.length > 65_536) return [{ kind: 'malformed', cells: {} }];
    const isHeader =
      parts.length <= 256 &&
      parts.every((part) => known.test(part)) &&
      (FIRST_NAMES.has(parts[0]!) || parts.includes('srcaddr'));
    if (isHeader) return parts.join(' ') === fields.join(' ') ? [] : [{ kind: 'header', cells: {} }];
    if (parts.length !== fields.length) return [{ kind: 'malformed', cells: {} }];
    return [judged(Object.fromEntries(fields.map((field, i) => [field, parts[i] === '-' ? undefined : parts[i]])))];
  });
}

/** Those of the documentation that the tests begin a line with. */
const FIRST_NAMES = new Set([
  'version',
  'account-id',
  'interface-id',
  'srcaddr',
  'dstaddr',
  'action',
  'az-id',
  'bytes',
]);

function rowsOf(rows: NonNullable<LogFile['rows']>): Found[] {
  return rows.map((row) => {
    const cells = Object.entries(row).map(([field, value]) => [
      field,
      value === null || value === '-' ? undefined : String(value),
    ]);
    const isEmpty = cells.every(([field, value]) => !USED.has(field!) || value === undefined);
    return isEmpty ? { kind: 'header', cells: {} } : judged(Object.fromEntries(cells) as Cells);
  });
}

const USED: ReadonlySet<string> = new Set(
  (
    'interface-id vpc-id srcaddr dstaddr pkt-srcaddr pkt-dstaddr srcport dstport protocol packets bytes start end ' +
    'tcp-flags action log-status flow-direction reject-reason'
  ).split(' '),
);

const LARGEST: Readonly<Record<string, bigint>> = {
  srcport: 65_535n,
  dstport: 65_535n,
  protocol: 255n,
  packets: 2n ** 53n - 1n,
  bytes: 2n ** 53n - 1n,
  start: 253_402_300_799n,
  end: 253_402_300_799n,
  'tcp-flags': 65_535n,
};

function judged(cells: Cells): Found {
  const isNumber = (field: string): boolean =>
    cells[field] !== undefined && /^[0-9]{1,16}$/.test(cells[field]) && BigInt(cells[field]) <= LARGEST[field]!;
  const isAbsent = (field: string): boolean => cells[field] === undefined;
  const malformed: Found = { kind: 'malformed', cells: {} };

  // The status alone decides; times that are none are those of the file.
  const status = cells['log-status'];
  if (status === 'NODATA' || status === 'SKIPDATA') {
    const end = isNumber('end') ? cells.end : undefined;
    const start = isNumber('start') ? cells.start : end;
    return { kind: status === 'NODATA' ? 'nodata' : 'skipdata', cells: { ...cells, start, end } };
  }
  const hasStatus = 'log-status' in cells;
  const traffic = ['srcaddr', 'dstaddr', 'srcport', 'dstport', 'protocol', 'packets', 'bytes', 'action'];
  if (!hasStatus && traffic.every(isAbsent)) {
    const end = isNumber('end') ? cells.end : undefined;
    return { kind: 'nodata', cells: { ...cells, start: isNumber('start') ? cells.start : end, end } };
  }
  if (!isNumber('start') || !isNumber('end')) return malformed;
  if (cells.action !== 'ACCEPT' && cells.action !== 'REJECT') return malformed;
  if (isAbsent('srcaddr') || isAbsent('dstaddr') || !isNumber('protocol')) return malformed;
  const optional = [
    ...(hasPorts(cells) ? [] : ['srcport', 'dstport']),
    ...(cells.action === 'REJECT' ? ['packets', 'bytes'] : []),
  ];
  for (const field of ['srcport', 'dstport', 'packets', 'bytes']) {
    if (!isNumber(field) && !(optional.includes(field) && isAbsent(field))) return malformed;
  }
  return { kind: 'ok', cells: isNumber('tcp-flags') ? cells : { ...cells, 'tcp-flags': undefined } };
}

function hasPorts({ protocol }: Cells): boolean {
  return Number(protocol) === 6 || Number(protocol) === 17;
}

/** What the SYN of one record says of who opened its connection: its source or its destination. */
function shownBy({ protocol, action, 'tcp-flags': flags }: Cells): 'request' | 'reply' | undefined {
  if (Number(protocol) !== 6 || action !== 'ACCEPT' || flags === undefined || (Number(flags) & 2) === 0)
    return undefined;
  return (Number(flags) & 16) === 0 ? 'request' : 'reply';
}

const endOf = (address: string | undefined, port: string | undefined): string => `${address} ${Number(port ?? 0)}`;

function grouped(read: readonly Read[]): FoldedRow[] {
  const ok = read.filter(({ kind }) => kind === 'ok');
  const connectionOf = ({
    cells: { 'interface-id': id, protocol, srcaddr, dstaddr, srcport, dstport },
  }: Read): string => [id, Number(protocol), ...[endOf(srcaddr, srcport), endOf(dstaddr, dstport)].sort()].join(', ');
  const openers = new Map<string, Set<string>>();
  for (const record of ok) {
    const shown = shownBy(record.cells);
    if (!shown) continue;
    const { srcaddr, srcport, dstaddr, dstport } = record.cells;
    const opener = shown === 'request' ? endOf(srcaddr, srcport) : endOf(dstaddr, dstport);
    const connection = connectionOf(record);
    openers.set(connection, (openers.get(connection) ?? new Set()).add(opener));
  }
  const openerOf = (record: Read): 'request' | 'reply' | null => {
    const { srcaddr, srcport, dstaddr, dstport, action } = record.cells;
    if (record.kind !== 'ok' || action !== 'ACCEPT') return null;
    const shown = shownBy(record.cells);
    if (shown) return shown;
    const known = [...(openers.get(connectionOf(record)) ?? [])];
    if (known.length !== 1 || endOf(srcaddr, srcport) === endOf(dstaddr, dstport)) return null;
    return known[0] === endOf(srcaddr, srcport) ? 'request' : 'reply';
  };

  const synSeen = new Set(ok.filter(({ cells }) => shownBy(cells) === 'request').map(connectionOf));
  const nightOf = nightEvidence(ok);

  const groups = new Map<string, { row: FoldedRow; packets: bigint; bytes: bigint }>();
  for (const record of read) {
    const opener = openerOf(record);
    const { paired, service } = nightOf(record);
    const row: FoldedRow = {
      ...rowOf(record, opener),
      syn_seen: opener !== null && synSeen.has(connectionOf(record)),
      paired,
      service: opener === null ? service : null,
    };
    const { first_start, first_end, last_end, records, ...whose } = row;
    const key = JSON.stringify([whose, Math.floor(last_end / 3600)]);
    const sums = { packets: amount(record, 'packets'), bytes: amount(record, 'bytes') };
    const group = groups.get(key);
    groups.set(key, {
      row: {
        ...row,
        records: records + (group?.row.records ?? 0),
        first_start: Math.min(first_start, group?.row.first_start ?? Infinity),
        first_end: Math.min(first_end, group?.row.first_end ?? Infinity),
        last_end: Math.max(last_end, group?.row.last_end ?? 0),
      },
      packets: sums.packets + (group?.packets ?? 0n),
      bytes: sums.bytes + (group?.bytes ?? 0n),
    });
  }
  return [...groups.values()].map(({ row, packets, bytes }) => ({ ...row, packets: cut(packets), bytes: cut(bytes) }));
}

/** 2.5 (v) and fan-out, from all readable records of the day. */
function nightEvidence(ok: readonly Read[]) {
  const accepted = ok.filter(({ cells }) => cells.action === 'ACCEPT' && hasPorts(cells));
  const at = ({ cells }: Read): string => `${cells['interface-id']} ${Number(cells.protocol)}`;
  const from = ({ cells }: Read): string => endOf(cells.srcaddr, cells.srcport);
  const to = ({ cells }: Read): string => endOf(cells.dstaddr, cells.dstport);
  const [start, end] = [
    ({ cells }: Read): number => Number(cells.start),
    ({ cells }: Read): number => Number(cells.end),
  ];

  const halves = Map.groupBy(accepted, (one) => `${at(one)}, ${from(one)}, ${to(one)}`);
  const pairedOf = (one: Read): FoldedRow['paired'] => {
    if (Number(one.cells.protocol) !== 17 || from(one) === to(one)) return null;
    const others = halves.get(`${at(one)}, ${to(one)}, ${from(one)}`) ?? [];
    const ago = (other: Read): number => start(one) - start(other);
    if (others.some((other) => ago(other) >= 1 && ago(other) <= 30 && end(other) >= end(one) - 180)) return 'answers';
    const isWhole = start(one) >= MIDNIGHT + 180 && start(one) <= MIDNIGHT + 86_400 - 600;
    return isWhole && !others.some((other) => ago(other) >= 0 && ago(other) <= 180) ? 'asks' : null;
  };

  /** Interface, protocol, an end and the other's address → the ports met there. */
  const met = new Map<string, Set<number>>();
  const meeting = (one: Read, end: string, other: string | undefined): string => `${at(one)}, ${end} with ${other}`;
  for (const one of accepted) {
    const { srcaddr, srcport, dstaddr, dstport } = one.cells;
    if (srcaddr === dstaddr) continue;
    for (const [key, port] of [
      [meeting(one, from(one), dstaddr), dstport],
      [meeting(one, to(one), srcaddr), srcport],
    ] as const) {
      met.set(key, (met.get(key) ?? new Set()).add(Number(port)));
    }
  }
  const isService = (one: Read, end: string, own: string | undefined, other: string | undefined): boolean => {
    const ports = [...(met.get(meeting(one, end, other)) ?? [])];
    const meetMany = ports.some((port) => (met.get(meeting(one, endOf(other, String(port)), own))?.size ?? 0) >= 3);
    return ports.length >= 3 && !meetMany;
  };
  const serviceOf = (one: Read): FoldedRow['service'] => {
    const { srcaddr, dstaddr } = one.cells;
    if (srcaddr === dstaddr) return null;
    if (isService(one, from(one), srcaddr, dstaddr)) return 'source';
    return isService(one, to(one), dstaddr, srcaddr) ? 'destination' : null;
  };

  return (one: Read): Pick<FoldedRow, 'paired' | 'service'> =>
    one.kind === 'ok' && one.cells.action === 'ACCEPT' && hasPorts(one.cells)
      ? { paired: pairedOf(one), service: serviceOf(one) }
      : { paired: null, service: null };
}

const cut = (sum: bigint): number => Number(sum > 2n ** 63n - 1n ? 2n ** 63n - 1n : sum);

function amount({ kind, cells }: Read, field: 'packets' | 'bytes'): bigint {
  return kind === 'ok' ? BigInt(cells[field] ?? 0) : 0n;
}

function rowOf({ kind, file, flowLogId, cells }: Read, opener: 'request' | 'reply' | null): FoldedRow {
  const isOk = kind === 'ok';
  const isRead = isOk || kind === 'nodata' || kind === 'skipdata';
  const text = (field: string, holds: boolean): string | null => (holds ? (cells[field] ?? null) : null);
  const port = (field: string, isTold: boolean): number =>
    !isOk || (hasPorts(cells) && !isTold) ? -1 : hasPorts(cells) ? Number(cells[field]) : 0;
  const rejected = isOk && cells.action === 'REJECT';
  const direction = cells['flow-direction'];
  const end = isRead ? Number(cells.end) : MIDNIGHT;
  return {
    kind,
    file: isRead ? null : file,
    flow_log_id: flowLogId,
    account_id: text('account-id', isRead),
    interface_id: text('interface-id', isRead),
    resource_id: text('resource-id', isRead && cells['interface-id'] === undefined),
    vpc_id: text('vpc-id', isRead),
    srcaddr: text('srcaddr', isOk),
    dstaddr: text('dstaddr', isOk),
    pkt_srcaddr: text('pkt-srcaddr', isOk),
    pkt_dstaddr: text('pkt-dstaddr', isOk),
    srcport: port('srcport', !rejected && opener !== 'request'),
    dstport: port('dstport', opener !== 'reply'),
    protocol: isOk ? Number(cells.protocol) : -1,
    action: text('action', isOk),
    flow_direction: isOk && (direction === 'ingress' || direction === 'egress') ? direction : null,
    reject_reason: text('reject-reason', rejected),
    opener,
    syn_seen: false,
    paired: null,
    service: null,
    records: 1,
    packets: 0,
    bytes: 0,
    first_start: isRead ? Number(cells.start) : -1,
    first_end: end,
    last_end: end,
  };
}
