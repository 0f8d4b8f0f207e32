import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EVERY_HOUR, USUAL_TRAFFIC } from './kinds/usual-traffic.ts';
import { writeInventory, writeSnapshots } from './inventory/write-inventory.ts';
import { Delivery } from './logs/delivery.ts';
import { fieldsOf } from './logs/fields.ts';
import { parquetFormat } from './logs/parquet-file.ts';
import { textFormat } from './logs/text-file.ts';
import { checkedOptions, type GenerateOptions } from './options/options.ts';
import { writeMemory } from './memory/write-memory.ts';
import { isOfWholeDays } from './options/slots.ts';
import { simulate } from './simulate.ts';
import { ACCOUNT_ID, PEERED_ACCOUNTS } from './world/lay-out-network.ts';
import { peeredAccounts } from './situations/peered-accounts.ts';
import { Site } from './situations/site.ts';
import { hardTraffic } from './situations/hard-traffic.ts';
import { accountTruth, type GenerateSummary, summarize } from './truth/account-truth.ts';
import { HiddenInterfaces } from './truth/hidden-interfaces.ts';
import { RECORD_TRUTH_HEADER } from './truth/record-truth.ts';
import { provePurposes, ruleTruths } from './truth/rules-truth.ts';
import { Tally } from './truth/tally.ts';
import { buildWorld } from './world/build-world.ts';
import { writeWhole } from '../../shared/disk/output-file.ts';

const PARTS = ['inventory', 'snapshots', 'cloudtrail', 'config', 'peers', 'logs', 'truth'] as const;
type Part = (typeof PARTS)[number];

/** Length of the longest aggregation window, seconds. */
const LONGEST_WINDOW = 600;

/**
 * Writes a synthetic account into `out`: its `inventory`, dated `snapshots` of it and what CloudTrail and AWS Config remember where these are
 * asked for, its flow `logs`, and the `truth` about all; see the README beside this file. Memory does not grow with the number of
 * records, but for interfaces that are remembered. `truth/account.json` is written last: without it,
 * the run was not finished.
 *
 * @throws RangeError for an option that is out of range, Error where `out` already holds an account
 */
export async function generateAccount(options: GenerateOptions): Promise<GenerateSummary> {
  const checked = checkedOptions(options);
  const { out, seed, format } = checked;
  const folder = (name: Part): string => join(out, name);
  for (const name of PARTS) {
    if (existsSync(folder(name)))
      throw new Error(`${folder(name)} exists already: give a folder that holds no account yet`);
  }

  const world = buildWorld(checked);
  const everyHour = isOfWholeDays({ from: world.start, to: world.end }) ? [EVERY_HOUR] : [];
  const more = checked.hard ? hardTraffic(world, checked.unknownPercent) : everyHour;
  const traffic = [...USUAL_TRAFFIC, ...more, ...(checked.peers ? peeredAccounts(new Site(world)) : [])];
  mkdirSync(folder('truth'), { recursive: true });
  for (const accountId of [ACCOUNT_ID, ...(checked.peers ? PEERED_ACCOUNTS : [])]) {
    const of = (name: Part): string =>
      accountId === ACCOUNT_ID ? folder(name) : join(folder('peers'), accountId, name);
    writeInventory(of('inventory'), world, format, world.end, accountId);
    if (checked.snapshots) writeSnapshots(of('snapshots'), world, format, accountId);
  }

  const fields = fieldsOf(format);
  const delivery = new Delivery({
    out,
    format: format === 'parquet' ? parquetFormat(fields) : textFormat(fields),
    truthHeader: RECORD_TRUTH_HEADER,
    filesAtOnce: checked.filesPerInterval,
    intervalSeconds: 60 * checked.deliveryMinutes,
    seed,
  });
  const tally = new Tally(world.built.contents.length);
  const hidden = new HiddenInterfaces(
    join(folder('truth'), 'hidden-interfaces.csv.gz'),
    world.cast.partners,
    checked.memory,
  );
  const { connections, counts } = await simulate(world, traffic, checked, delivery, tally, hidden);
  for (const { iface, until } of world.built.formerSelves) hidden.add(iface, -Infinity, until);
  await hidden.close();
  if (checked.memory) {
    const folders = { cloudtrail: folder('cloudtrail'), config: folder('config') };
    writeMemory(folders, world, hidden.lives, format, seed);
  }

  provePurposes(world.built.contents, tally, LONGEST_WINDOW);
  const rules = ruleTruths(world.built.rules, tally);
  const summary = summarize(traffic, counts, rules, {
    files: delivery.fileCount,
    records: delivery.recordCount,
    connections,
    interfaces: world.built.interfaces.length,
  });
  writeJson(join(folder('truth'), 'rules.json'), rules);
  writeJson(join(folder('truth'), 'account.json'), accountTruth(summary, checked, world));
  return summary;
}

function writeJson(path: string, content: unknown): void {
  writeWhole(path, `${JSON.stringify(content, undefined, 2)}\n`);
}
