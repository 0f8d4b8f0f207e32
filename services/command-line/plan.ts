import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AwsPlace } from '../../shared/advice/aws-commands.ts';
import { planRemoval, windowsOf, type EvidenceDays } from '../../shared/advice/plan-removal.ts';
import { stageScript, undoScript } from '../../shared/advice/plan-scripts.ts';
import { planText } from '../../shared/advice/plan-text.ts';
import type { Plan } from '../../shared/advice/plan.ts';
import { RemovalEvidence } from '../../shared/advice/removal-evidence.ts';
import type { EvidenceSource } from '../../shared/evidence/evidence-source.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import { shown } from '../../shared/inventory/inventory-error.ts';
import { namedError } from './named-error.ts';
import { checkFolder, writeFiles } from './out-folder.ts';
import { readInventory } from './read-inventory.ts';
import { readReport, type PlanReport } from './plan-report.ts';

export interface PlanCommandOptions extends AwsPlace {
  /** `usage.json`. */
  readonly report: string;
  readonly evidence: string;
  readonly inventory: string;
  readonly out: string;
  readonly exclude?: readonly string[];
  readonly maxPerStage?: number;
  /** UNIX seconds. */
  readonly rulesKnownSince?: number;
}

export interface Planned {
  readonly plan: Plan;
  readonly written: readonly string[];
}

const OWNER_RUNS = 0o755;

/**
 * Works out what may be removed together, and writes it with the commands for it into a folder. Runs none of them.
 *
 * @throws Error of one line where report, evidence and inventory are not of one run
 */
export async function plan(options: PlanCommandOptions): Promise<Planned> {
  const { report, inventory: folder, out } = options;
  await checkIsNew(out);
  const inventory = await readInventory(folder);
  const judged = await readReport(report, inventory, folder);
  const exclude = new Set(options.exclude);
  const unknown = [...exclude].find((id) => !inventory.rules.some(({ ruleId }) => ruleId === id));
  if (unknown !== undefined) throw new Error(`--exclude ${shown(unknown)}: ${folder} has no such rule`);
  const { openEvidenceFolder } = await import('./evidence-folder.ts');
  const { evidence, days } = await readEvidence(await openEvidenceFolder(options.evidence), inventory, judged);
  const { asOf, windowDays } = judged;
  const { rulesKnownSince, maxPerStage, region, profile } = options;
  const place = { region, profile };
  const made = planRemoval(judged.rules, inventory, evidence, days, {
    ...{ asOf, windowDays, rulesKnownSince, exclude, maxPerStage, place },
  });
  return { plan: made, written: await write(out, made) };
}

/** A plan that was written there may have been carried out: its undo is still needed. */
async function checkIsNew(out: string): Promise<void> {
  await checkFolder(out, ['plan.json', 'plan.md']);
  const names = await readdir(out).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw namedError(out, error);
  });
  const found = names.find((name) => /^(?:plan\.(?:json|md)|stage-\d+(?:-undo)?\.sh)$/.test(name));
  if (found !== undefined) {
    throw new Error(`${out}: holds ${found} of another plan, whose undo may still be needed; give a new folder`);
  }
}

/** Flows since the report count, too: what was used since is used. */
async function readEvidence(
  source: EvidenceSource,
  inventory: Inventory,
  { asOf, windowDays, rules }: PlanReport,
): Promise<{ evidence: RemovalEvidence; days: EvidenceDays }> {
  const windowOf = windowsOf({ asOf, windowDays });
  const evidence = new RemovalEvidence(inventory, windowOf);
  const days = await source.days();
  const first = rules.reduce((earliest, { rule }) => Math.min(earliest, windowOf(rule).firstDay), Infinity);
  for (const day of days.filter((one) => one >= first)) {
    for await (const flow of source.flows(day)) evidence.addFlow(flow, day);
  }
  return { evidence, days: { source: source.name, days: new Set(days) } };
}

async function write(out: string, plan: Plan): Promise<string[]> {
  const scripts = plan.stages.flatMap((stage) => [
    [`stage-${stage.number}.sh`, stageScript(plan, stage)] as const,
    [`stage-${stage.number}-undo.sh`, undoScript(plan, stage)] as const,
  ]);
  const written = await writeFiles(out, {
    'plan.json': `${JSON.stringify(plan, null, 2)}\n`,
    'plan.md': planText(plan),
    ...Object.fromEntries(scripts),
  });
  for (const [name] of scripts) await chmod(join(out, name), OWNER_RUNS);
  return written;
}
