import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ACCOUNT, REGION, type FlowLog } from './aws-items.ts';
import { DAY, HOUR } from './clock.ts';
import { logText, type Row } from './format.ts';
import type { World } from './world.ts';
import { isoTime } from '../../shared/time.ts';

/** By path in the folder of the case. */
type CaseFiles = Map<string, string | Uint8Array>;

/** Writes all that a world consists of into a folder. */
export function writeWorld(world: World, root: string): void {
  const files = filesOf(world);
  const folders = [...world.spans.keys(), ...[...files.keys()].map((path) => dirname(path))];
  for (const folder of new Set(folders)) mkdirSync(join(root, folder), { recursive: true });
  for (const [path, content] of files) writeFileSync(join(root, path), content);
}

function filesOf(world: World): CaseFiles {
  const inventories = [
    ...(world.snapshots.length === 0 ? [['inventory', world] as const] : []),
    ...world.snapshots.map(({ takenAt, inventory }) => [snapshotFolder(takenAt), inventory] as const),
    ...world.asides,
  ];
  const described = inventories.flatMap(([folder, inventory]) =>
    [...inventory.files()].map(([name, item]) => [`${folder}/${name}`, JSON.stringify(item, null, 1)] as const),
  );
  return new Map([...described, ...deliveredFiles(world), ...world.extraFiles]);
}

/** Below the folder of the case. */
export function snapshotFolder(takenAt: number): string {
  return `inventory/${isoTime(takenAt).replaceAll(':', '-')}`;
}

/** Every record in the files of each flow log that sees it. */
function deliveredFiles(world: World): CaseFiles {
  const rowsOf = new Map<string, Row[]>();
  const paths = new Map<string, string>();
  for (const { folder, interfaceId, row } of world.records()) {
    const { vpc, subnet } = world.interfaceOf(interfaceId);
    for (const log of world.flowLogs.values()) {
      if (![vpc, subnet, interfaceId].includes(log.resource) || !isDelivered(log, interfaceId, row)) continue;
      const span = log.per === 'hour' ? HOUR : DAY;
      const time = Math.floor(row.end / span) * span;
      const key = `${folder} ${log.id} ${time}`;
      let path = paths.get(key);
      if (path === undefined) paths.set(key, (path = `${folder}/${objectPath(log.id, time, { per: log.per })}`));
      const rows = rowsOf.get(path);
      if (rows) rows.push(row);
      else rowsOf.set(path, [row]);
    }
  }
  return new Map([...rowsOf].map(([path, rows]) => [path, gzipSync(logText(rows, world.fields), { level: 1 })]));
}

function isDelivered(log: FlowLog, interfaceId: string, { start, action = '-' }: Row): boolean {
  const isOfItsKind = log.traffic === 'ALL' || action === '-' || action === log.traffic;
  return isOfItsKind && start >= log.since && start < log.until && log.delivered(start, interfaceId);
}

interface ObjectForm {
  readonly per?: 'day' | 'hour';
  readonly extension?: 'gz' | 'parquet';
  /** Tells objects of one flow log and time apart. */
  readonly tag?: string;
}

/** As AWS names the object of a time: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html */
export function objectPath(
  flowLogId: string,
  time: number,
  { per = 'day', extension = 'gz', tag = '' }: ObjectForm = {},
): string {
  const [day, clock] = isoTime(time).split('T') as [string, string];
  const hour = clock.slice(0, 2);
  const folder = `AWSLogs/${ACCOUNT}/vpcflowlogs/${REGION}/${day.replaceAll('-', '/')}${per === 'hour' ? `/${hour}` : ''}`;
  const delivered = `${day.replaceAll('-', '')}T${per === 'hour' ? hour : '23'}55Z`;
  const hash = hashOf(`${flowLogId}${delivered}${tag}`);
  return `${folder}/${ACCOUNT}_vpcflowlogs_${REGION}_${flowLogId}_${delivered}_${hash}.log.${extension}`;
}

/** FNV-1a, 32 bits: the same every time. */
function hashOf(text: string): string {
  let value = 2_166_136_261;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 16_777_619) >>> 0;
  return value.toString(16).padStart(8, '0');
}
