import { setTimeout as sleep } from 'node:timers/promises';
import { count, figure } from '../../../../shared/text/numbers.ts';
import { inventoryDigest } from '../../../../shared/inventory/past/past.ts';
import { plainText } from '../../../../shared/text/plain.ts';
import { DAY_SECONDS, isoTime } from '../../../../shared/time.ts';
import {
  cloudTrailHistory,
  createCloudTrailClient,
  type RecallClient,
} from '../../../recall-account/cloudtrail-adapter.ts';
import { Pace, type Clock } from '../../../recall-account/pace.ts';
import { configStates, createConfigClient } from '../../../recall-account/config-adapter.ts';
import { EventRecall } from '../../../recall-account/recall-events.ts';
import { recallStates } from '../../../recall-account/recall-states.ts';
import { RecalledFolder } from '../../../recall-account/recalled-folder.ts';
import type { LogOptions } from '../../files/asked-days.ts';
import { readInventory } from '../../files/read-inventory.ts';
import { busiestUnknown } from './busiest-unknown.ts';
import { print } from '../../terminal/print.ts';

export interface RecallOptions extends LogOptions, Pick<RecallClient, 'credentials'> {
  readonly out: string;
  readonly days: number;
  readonly historyCalls: number;
  readonly unknownOf?: readonly string[];
  /** Of several that are asked at the same time: what is said of it begins so. */
  readonly name?: string;
}

const CLOCK: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/**
 * Reads what the account remembers into the folder of a snapshot.
 *
 * @param takenAt when that snapshot was taken, UNIX seconds; undefined to go on where a former run was stopped
 */
export async function recall(
  { out, days, historyCalls, unknownOf = [], name, ...client }: RecallOptions,
  takenAt: number | undefined,
  signal: AbortSignal,
): Promise<void> {
  const folder = new RecalledFolder(out);
  const inventory = await readInventory(out);
  if (takenAt !== undefined) await folder.begin(takenAt, days, inventoryDigest(inventory));
  const begun = await folder.begun();
  const unknown = unknownOf.length === 0 ? [] : await busiestUnknown(unknownOf, inventory, client);
  const tell = (line: string): void => {
    // One line, written over and over.
    if (process.stderr.isTTY && name === undefined) process.stderr.write(`\r\u001b[K${plainText(line)}`);
  };
  const from = begun.takenAt - days * DAY_SECONDS;
  if (name === undefined) {
    print(
      `History from ${isoTime(from)} on: at most ${figure(historyCalls)} calls, two a second` +
        `${unknown.length > 0 ? `; ${count(unknown.length, 'unknown interface')}` : ''}\n`,
    );
  }
  const pace = new Pace(historyCalls, CLOCK, signal);
  const events = new EventRecall(
    { history: cloudTrailHistory(createCloudTrailClient(client)), pace, keep: (page) => folder.keep(page), tell },
    { takenAt: begun.takenAt, days, unknown, read: begun.parts },
  );
  await events.begin();
  const missingStates = await recallStates(
    {
      history: configStates(createConfigClient(client)),
      pace,
      isKept: (type, id) => folder.hasStates(type, id),
      keep: (type, id, page) => {
        folder.keepStates(type, id, page);
      },
      tell,
    },
    {
      from,
      resources: {
        'AWS::EC2::SecurityGroup': [...inventory.groups.keys()],
        'AWS::EC2::PrefixList': [...inventory.prefixLists.keys()],
        'AWS::EC2::NetworkInterface': [...unknown, ...inventory.interfaces.keys()],
      },
    },
  );
  await events.end();
  const missing = [...events.missing, ...missingStates];
  tell('');
  const of = name === undefined ? '' : `of ${name} `;
  for (const what of missing) process.stderr.write(`stale-sg: ${of}missing: ${plainText(what)}\n`);
  print(`${out}: ${count(pace.made, 'call')}; ${missing.length === 0 ? 'nothing is missing' : 'not all is there'}\n`);
}
