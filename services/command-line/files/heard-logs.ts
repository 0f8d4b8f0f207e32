import { flowLogIdOf } from '../../../shared/flowlogs/file-name.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import { dayOf, type Day } from '../../../shared/time.ts';
import { emptyLogDay, noteFile, noteRecord, type LogDay, type LogsOfDay } from '../../../shared/usage/log-days.ts';
import { within } from '../../../shared/usage/usage.ts';
import { fetchedAhead } from './fetch-ahead.ts';
import type { LogFile } from './log-files.ts';
import { deliveryOf, readLogFile } from './read-log-file.ts';

/**
 * What was read of each flow log on each day, of those logs of which another covers one of the same interfaces: which one
 * counts is known only once all their files were read, so these are read twice. Others are not looked at.
 *
 * @throws Error whose message names the file that cannot be read
 */
export async function heardLogs(
  files: readonly LogFile[],
  inventories: Iterable<Inventory>,
): Promise<(day: Day) => LogsOfDay> {
  const ids = new Set(files.flatMap(({ name }) => flowLogIdOf(name) ?? []));
  const shared = new Set([...inventories].flatMap((inventory) => [...sharedLogs(inventory, ids)]));
  const days = new Map<Day, Map<string, LogDay>>();
  const isShared = ({ name }: LogFile): boolean => shared.has(flowLogIdOf(name) ?? '');
  for (const file of fetchedAhead(files.filter(isShared))) {
    const flowLogId = flowLogIdOf(file.name)!;
    const read = await readLogFile(file, {
      record: (record) => noteRecord(within(days, dayOf(record.end), flowLogId, emptyLogDay), record),
      malformed: () => undefined,
    });
    const delivered = deliveryOf(file, read);
    if (delivered) noteFile(within(days, delivered.day, flowLogId, emptyLogDay), delivered);
  }
  return (day) => days.get(day) ?? NONE;
}

const NONE: LogsOfDay = new Map();

/** Of the flow logs, those that cover an interface which another of them covers as well. */
function sharedLogs({ interfaces, flowLogs = [] }: Inventory, ids: ReadonlySet<string>): Set<string> {
  const active = flowLogs.filter(({ active, flowLogId }) => active && ids.has(flowLogId));
  const byResource = Map.groupBy(active, ({ resourceId }) => resourceId);
  const shared = new Set<string>();
  for (const { interfaceId, subnetId, vpcId } of interfaces.values()) {
    const covering = [interfaceId, subnetId, vpcId].flatMap((resource) => byResource.get(resource) ?? []);
    if (covering.length > 1) for (const { flowLogId } of covering) shared.add(flowLogId);
  }
  return shared;
}
