import { count } from '../../../../shared/text/numbers.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import { plan } from '../../../../shared/advice/removal/plan.ts';
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { MissedFlows } from '../../../../shared/advice/removal/rejected-by-removal.ts';
import { readParquet } from '../../../../shared/flowlogs/read-parquet.ts';
import { readText } from '../../../../shared/flowlogs/read-text.ts';
import type { RecordSink } from '../../../../shared/flowlogs/record.ts';
import { findLogFiles } from '../../files/find-log-files.ts';
import { namedError } from '../../files/named-error.ts';
import { readInventory } from '../../files/read-inventory.ts';
import { shown } from '../../../../shared/text/plain.ts';

export interface PlanCheckOptions {
  /** `plan.json`. */
  readonly plan: string;
  readonly stage: number;
  /** As it was before the stage: it still has the rules. */
  readonly inventory: string;
  readonly logs: readonly string[];
  /** UNIX seconds: when the stage was carried out. */
  readonly since: number;
}

export interface PlanChecked {
  readonly missed: MissedFlows;
  readonly removed: number;
  readonly malformed: number;
  /** Why the logs cannot show all that was asked for, a sentence each; none where they can. */
  readonly blind: readonly string[];
}

/** Unknown interfaces that are named. */
const UNKNOWN_SHOWN = 10;

/** Of `plan.json`, what is to be looked for. */
const STAGE = plan.shape.stages.element;
const RULE = STAGE.shape.removals.element.shape.rule;
const PLAN = plan.pick({ schemaVersion: true }).extend({
  stages: z.array(
    STAGE.pick({ number: true }).extend({ removals: z.array(z.object({ rule: RULE.pick({ ruleId: true }) })) }),
  ),
});

/**
 * Looks in the logs since a stage of a plan was carried out for what its rules would have let pass.
 *
 * @throws Error of one line where plan, stage, inventory or logs are not what they should be
 */
export async function checkPlan({ plan: path, stage, inventory, logs, since }: PlanCheckOptions): Promise<PlanChecked> {
  const removed = await removedBy(path, stage);
  const before = await readInventory(inventory);
  const known = new Set(before.rules.map(({ ruleId }) => ruleId));
  const gone = [...removed].find((ruleId) => !known.has(ruleId));
  if (gone !== undefined) {
    throw new Error(`${inventory}: lacks the rule ${shown(gone)}; give the inventory of before the stage`);
  }
  const missed = new MissedFlows(before, removed, since);
  let malformed = 0;
  const sink: RecordSink = {
    record: (record) => {
      missed.add(record);
    },
    malformed: () => malformed++,
  };
  for (const file of await findLogFiles(logs)) {
    const read = file.isParquet
      ? file.withBuffer((buffer) => readParquet(buffer, sink))
      : readText(file.chunks(), sink);
    await read.catch((error: unknown) => {
      throw namedError(file.name, error);
    });
  }
  if (missed.looked === 0) throw new Error(`${logs.join(', ')}: no record since then: nothing was checked`);
  return { missed, removed: removed.size, malformed, blind: [...deafLogs(before), ...unseen(missed, malformed)] };
}

/** Rejections are in flow logs of type ALL or REJECT alone. */
function deafLogs({ flowLogs }: Inventory): string[] {
  const active = (flowLogs ?? []).filter((log) => log.active);
  if (!flowLogs || active.some(({ trafficType }) => trafficType !== 'ACCEPT')) return [];
  return ['no active flow log of the inventory records rejected traffic: attach one of type ALL'];
}

function unseen({ unjudged }: MissedFlows, malformed: number): string[] {
  const records = [...unjudged.values()].reduce((sum, times) => sum + times, 0);
  const ids = [...unjudged.keys()].slice(0, UNKNOWN_SHOWN).map(shown).join(', ');
  const more = unjudged.size > UNKNOWN_SHOWN ? ', …' : '';
  return [
    ...(records > 0
      ? [`${count(records, 'record')} rejected at interfaces that the inventory lacks: ${ids}${more}`]
      : []),
    ...(malformed > 0 ? [`${count(malformed, 'line')} could not be read`] : []),
  ];
}

async function removedBy(path: string, number: number): Promise<Set<string>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw namedError(path, error);
  });
  let stages: z.output<typeof PLAN>['stages'];
  try {
    stages = PLAN.parse(JSON.parse(text)).stages;
  } catch (error) {
    throw new Error(`${path}: no plan.json of version 1`, { cause: error });
  }
  const stage = stages.find((one) => one.number === number);
  if (!stage) throw new Error(`${path}: has no stage ${String(number)}; it has ${String(stages.length)}`);
  return new Set(stage.removals.map(({ rule }) => rule.ruleId));
}
