import { plan } from '../../../../shared/advice/removal/plan.ts';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { INVENTORY_FOLDER } from '../../evidence/plan-folder.ts';
import * as z from 'zod';
import { ListenedFor } from '../../../../shared/advice/removal/listened-for.ts';
import { MissedFlows } from '../../../../shared/advice/removal/rejected-by-removal.ts';
import { flowLogIdOf } from '../../../../shared/flowlogs/file-name.ts';
import type { RecordSink } from '../../../../shared/flowlogs/record.ts';
import { unite } from '../../../../shared/inventory/union.ts';
import { shown } from '../../../../shared/text/plain.ts';
import { dayOf, type Day } from '../../../../shared/time.ts';
import { fetchedAhead } from '../../files/fetch-ahead.ts';
import { findLogFiles } from '../../files/find-log-files.ts';
import { askedDays, type LogOptions } from '../../files/asked-days.ts';
import { namedError } from '../../../../shared/text/named-error.ts';
import { deliveryOf, fileNotes, readLogFile } from '../../files/read-log-file.ts';
import { accountOfFolder } from '../../files/account-folders.ts';
import { readInventories } from '../../files/read-inventories.ts';

export interface PlanCheckOptions extends LogOptions {
  /** `plan.json`. */
  readonly plan: string;
  readonly stage?: number;
  /** Also what was to be changed in code. */
  readonly inCode?: boolean;
  /** Groups by id: also the rules in the place of which narrower ones came. */
  readonly group?: readonly string[];
  /** As it was before the stage: it still has the rules. */
  readonly inventory?: readonly string[];
  /** As it is now: interfaces that were made since carry the groups as well. */
  readonly inventoryNow?: readonly string[];
  readonly logs: readonly string[];
  /** UNIX seconds: when the stage was carried out. */
  readonly since: number;
}

export interface PlanChecked {
  readonly missed: MissedFlows;
  readonly removed: number;
  readonly malformed: number;
  /** What the logs cannot show of it, a line each. */
  readonly unchecked: readonly string[];
  readonly notes: readonly string[];
}

/** Of `plan.json`, what is to be looked for. */
const STAGE = plan.shape.stages.element;
const REMOVALS = z.array(z.object({ rule: STAGE.shape.removals.element.shape.rule.pick({ ruleId: true }) }));
const PLAN = plan.pick({ schemaVersion: true }).extend({
  stages: z.array(STAGE.pick({ number: true }).extend({ removals: REMOVALS })),
  inCode: REMOVALS.default([]),
  groups: z
    .array(
      z.object({
        groupId: z.string(),
        proposal: z.object({ removes: z.array(z.object({ ruleId: z.string(), isNarrowed: z.boolean() })) }).nullable(),
      }),
    )
    .default([]),
});

/**
 * Looks in the logs since a stage of a plan was carried out for what its rules would have let pass, and for what keeps the
 * logs from showing it.
 *
 * @throws Error of one line where plan, stage, inventory or logs are not what they should be
 */
export async function checkPlan(options: PlanCheckOptions): Promise<PlanChecked> {
  const { logs, since } = options;
  const removed = await removedBy(options);
  const inventory = options.inventory ?? (await inventoryBeside(options.plan));
  const before = await readInventories(inventory);
  const known = new Set(before.rules.map(({ ruleId }) => ruleId));
  const gone = [...removed].find((ruleId) => !known.has(ruleId));
  if (gone !== undefined) {
    throw new Error(`${inventory.join(', ')}: lacks the rule ${shown(gone)}; give the inventory of before the stage`);
  }
  const now = options.inventoryNow && (await readInventories(options.inventoryNow));
  const both = now ? unite(before, now) : before;
  const missed = new MissedFlows(both, removed, since);
  const listened = new ListenedFor(now ? { ...both, flowLogs: now.flowLogs ?? before.flowLogs } : both, removed, since);
  let malformed = 0;
  const [otherLogs, withoutStatus]: [string[], string[]] = [[], []];
  const found = await findLogFiles(logs, { ...options, from: firstDay(options) });
  let otherDays = 0;
  for (const file of fetchedAhead(found.files)) {
    const flowLogId = flowLogIdOf(file.name);
    const sink: RecordSink = {
      record: (record) => {
        missed.add(record);
        listened.add(record, flowLogId);
      },
      malformed: () => malformed++,
    };
    const read = await readLogFile(file, sink);
    const delivered = deliveryOf(file, read);
    if (delivered) listened.addFile(delivered);
    otherDays += read?.otherDays ?? 0;
    if (!read) otherLogs.push(file.name);
    else if (!read.tellsGaps) withoutStatus.push(file.name);
  }
  if (missed.looked === 0) throw new Error(`${logs.join(', ')}: no record since then: nothing was checked`);
  const unreadable = malformed > 0 ? [`${String(malformed)} lines that could not be read`] : [];
  return {
    missed,
    removed: removed.size,
    malformed,
    unchecked: [...unreadable, ...listened.gaps()],
    notes: fileNotes({ ...found, asked: askedDays(options) }, { otherLogs, withoutStatus, otherDays }),
  };
}

/** Before the stage there is nothing to be found. */
export function firstDay({ from, since }: Pick<PlanCheckOptions, 'from' | 'since'>): Day {
  return from ?? dayOf(since);
}

/** Of several accounts, one folder each. */
async function inventoryBeside(plan: string): Promise<string[]> {
  const folder = join(dirname(plan), INVENTORY_FOLDER);
  const names = await readdir(folder).catch(() => {
    throw new Error(`${folder}: not there; give the inventory of before the stage, --inventory DIR`);
  });
  const several = names.filter((name) => /^\d+$/.test(name) || accountOfFolder(name) !== undefined);
  return several.length === 0 ? [folder] : several.sort().map((name) => join(folder, name));
}

async function removedBy({
  plan: path,
  stage: number,
  inCode = false,
  group = [],
}: PlanCheckOptions): Promise<Set<string>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw namedError(path, error);
  });
  let read: z.output<typeof PLAN>;
  try {
    read = PLAN.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${path}: no plan.json of version 1`, { cause: error });
  }
  const stage = read.stages.find((one) => one.number === number);
  if (number !== undefined && !stage) {
    throw new Error(`${path}: has no stage ${String(number)}; it has ${String(read.stages.length)}`);
  }
  const removals = [...(stage?.removals ?? []), ...(inCode ? read.inCode : [])];
  const narrowed = group.flatMap((id) => {
    const removes = read.groups.find(({ groupId }) => groupId === id)?.proposal?.removes ?? [];
    const wide = removes.filter(({ isNarrowed }) => isNarrowed).map(({ ruleId }) => ruleId);
    if (wide.length === 0) throw new Error(`${path}: proposes no narrower rules for the group ${shown(id)}`);
    return wide;
  });
  if (removals.length + narrowed.length === 0) throw new Error(`${path}: nothing of it was to be changed in code`);
  return new Set([...removals.map(({ rule }) => rule.ruleId), ...narrowed]);
}
