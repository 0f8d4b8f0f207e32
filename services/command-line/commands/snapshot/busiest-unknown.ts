import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import type { LogOptions } from '../../files/asked-days.ts';
import { fetchedAhead } from '../../files/fetch-ahead.ts';
import { findLogFiles } from '../../files/find-log-files.ts';
import { readLogFile } from '../../files/read-log-file.ts';

const ID = /^eni-[0-9a-f]+$/;

/** Interfaces of accepted records that the inventory does not have, those with the most records first. */
export async function busiestUnknown(
  logs: readonly string[],
  { interfaces }: Inventory,
  options: LogOptions,
): Promise<string[]> {
  const times = new Map<string, number>();
  for (const file of fetchedAhead((await findLogFiles(logs, options)).files)) {
    await readLogFile(file, {
      record: ({ interfaceId, accepted }) => {
        if (!accepted || interfaces.has(interfaceId) || !ID.test(interfaceId)) return;
        times.set(interfaceId, (times.get(interfaceId) ?? 0) + 1);
      },
      malformed: () => undefined,
    });
  }
  return [...times].sort(([, a], [, b]) => b - a).map(([id]) => id);
}
