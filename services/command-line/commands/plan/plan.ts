import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AwsPlace } from '../../../../shared/advice/removal/aws-commands.ts';
import { planRemoval, windowsOf, type EvidenceDays } from '../../../../shared/advice/removal/plan-removal.ts';
import { stageScript, undoScript } from '../../../../shared/advice/removal/plan-scripts.ts';
import { planText } from '../../../../shared/advice/removal/plan-text.ts';
import { unlessChanged } from '../../../../shared/advice/removal/group-proposal.ts';
import type { Plan, PlanBy } from '../../../../shared/advice/removal/plan.ts';
import { stageScripts } from '../../../../shared/advice/removal/staging.ts';
import { RemovalEvidence } from '../../../../shared/advice/removal/removal-evidence.ts';
import { compareText } from '../../../../shared/text/compare.ts';
import { namedError } from '../../../../shared/text/named-error.ts';
import { FileSet } from '../../../../shared/disk/file-set.ts';
import { checkFolder } from '../../results/out-folder.ts';
import type { DeploymentOptions } from '../../deployment/evidence-adapter.ts';
import { withGrounds, type PlanFiles, type PlanGrounds } from './plan-input.ts';
import { CodeAtHand, type CodeOptions } from './code-at-hand.ts';
import { changesText } from '../../../../shared/code/terraform/changes-text.ts';
import { leftOutBy, type Selection } from './selection.ts';
import { INVENTORY_FOLDER } from '../../evidence/plan-folder.ts';
import type { Rule } from '../../../../shared/inventory/inventory.ts';
import { exemptionsByRule } from '../../../../shared/verdicts/exemption.ts';
import { exemptionsIn } from '../../files/read-exemptions.ts';
import { isoDay } from '../../../../shared/time.ts';

export interface PlanCommandOptions extends AwsPlace, Selection, CodeOptions {
  /** Files of one run, or a deployment. */
  readonly place: PlanFiles | DeploymentOptions;
  readonly out: string;
  readonly maxPerStage?: number;
  /** Whose stages wait for each other (default: those of a VPC). */
  readonly by?: PlanBy;
  /** The key of the tag that names owners, before those that are usual. */
  readonly ownerTag?: string;
  readonly includeManaged?: boolean;
  /** A file of tag keys, one a line, see {@link codeOwners}. */
  readonly managedTags?: string;
  readonly minDays?: number;
  /** A file: rules that are kept on purpose, also since the report. */
  readonly exemptions?: string;
  /** UNIX seconds. */
  readonly rulesKnownSince?: number;
}

export interface Planned {
  readonly plan: Plan;
  /** Where it was. */
  readonly report: string;
  /** Of the skipped rules, those of which the report no longer speaks. */
  readonly leftOut: number;
  readonly written: readonly string[];
}

const OWNER_RUNS = 0o755;

/**
 * Works out what may be removed together, and writes it with the commands for it into a folder. Runs none of them.
 *
 * @throws Error of one line where report, evidence and inventory are not of one run, a day of the evidence is lost, or a
 * deployment lacks one of them
 */
export async function writePlan(options: PlanCommandOptions): Promise<Planned> {
  await checkIsNew(options.out);
  return withGrounds(options.place, async (grounds) => {
    const { judged, inventory, names } = grounds;
    const kept = exemptionsByRule(await exemptionsIn(options.exemptions), inventory, judged.asOf);
    const notAskedFor = leftOutBy(options, inventory, names.inventory);
    const leftOut = (rule: Rule, priority: number): string | undefined => {
      const { owner = '', reason = '', expires = '' } = kept.get(rule.ruleId) ?? {};
      return owner === '' ? notAskedFor(rule, priority) : `kept until ${expires}, says ${owner}: ${reason}`;
    };
    const managedTags = options.managedTags === undefined ? [] : await tagKeysIn(options.managedTags);
    const code = await CodeAtHand.read(options, inventory);
    const { evidence, days } = await readEvidence(grounds);
    const {
      rulesKnownSince,
      maxPerStage,
      minDays,
      includeManaged,
      by,
      ownerTag,
      region = grounds.region,
      profile,
    } = options;
    const { asOf, windowDays } = judged;
    const made = planRemoval(judged.rules, inventory, evidence, days, {
      asOf,
      windowDays,
      rulesKnownSince,
      leftOut,
      maxPerStage,
      minDays,
      by,
      ownerTag,
      includeManaged,
      managedTags,
      declaredBy: (rule) => code.ownersOf(rule),
      place: { region, profile },
    });
    const skipped = [...made.skipped, ...grounds.leftOut];
    skipped.sort((a, b) => compareText(a.groupId, b.groupId) || compareText(a.ruleId, b.ruleId));
    const whole = { ...made, skipped, groups: unlessChanged(made.groups ?? [], grounds.leftOut) };
    const files = new FileSet();
    const changes = code.changes(whole, judged.rules);
    if (changes) {
      files.add(join(options.out, 'terraform.json'), `${JSON.stringify(changes, null, 2)}\n`);
      files.add(join(options.out, 'terraform.md'), changesText(changes));
    }
    const written = write(options.out, whole, files, await grounds.files());
    return { plan: whole, report: names.report, leftOut: grounds.leftOut.length, written };
  });
}

async function tagKeysIn(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw namedError(path, error);
  });
  const keys = text.split('\n').map((line) => line.trim());
  return keys.filter((key) => key !== '' && !key.startsWith('#'));
}

/** A plan that was written there may have been carried out: its undo is still needed. */
async function checkIsNew(out: string): Promise<void> {
  await checkFolder(out, ['plan.json', 'plan.md']);
  const names = await readdir(out).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw namedError(out, error);
  });
  const found = names.find((name) =>
    /^(?:(?:plan|terraform)\.(?:json|md)|stage-\d+(?:-undo)?(?:\.[a-z0-9-]+)?\.sh)$/.test(name),
  );
  if (found !== undefined) {
    throw new Error(`${out}: holds ${found} of another plan, whose undo may still be needed; give a new folder`);
  }
}

/** Flows since the report count, too: what was used since is used. */
async function readEvidence({
  source,
  inventory,
  judged: { asOf, windowDays, rules },
  daysOfEvidence,
  names,
  sets,
  lastDay,
}: PlanGrounds): Promise<{ evidence: RemovalEvidence; days: EvidenceDays }> {
  const windowOf = windowsOf({ asOf, windowDays });
  const narrower = rules.flatMap(({ rule, report }) =>
    report.narrower ? [[rule.ruleId, report.narrower.rules] as const] : [],
  );
  const evidence = new RemovalEvidence(inventory, windowOf, new Map(narrower));
  const days = await source.days();
  const first = rules.reduce((earliest, { rule }) => Math.min(earliest, windowOf(rule).firstDay), Infinity);
  const lost = daysOfEvidence.find((day) => day >= first && !days.includes(day));
  if (lost !== undefined) {
    throw new Error(`${source.name}: no evidence of ${isoDay(lost)}, which ${names.report} speaks of; analyze anew`);
  }
  for (const day of days.filter((one) => one >= first)) {
    for await (const flow of source.flows(day)) evidence.addFlow(flow, day);
  }
  for (let day = first; day <= lastDay; day++) for (const set of await sets(day)) evidence.addSet(set);
  return { evidence, days: { source: source.name, days: new Set(days) } };
}

/** No script without its undo: all files of the plan, or none. */
function write(
  out: string,
  plan: Plan,
  files: FileSet,
  inventory: readonly { path: string; text: string }[],
): string[] {
  files.add(join(out, 'plan.json'), `${JSON.stringify(plan, null, 2)}\n`);
  files.add(join(out, 'plan.md'), planText(plan));
  for (const stage of plan.stages) {
    const { script, undo } = stageScripts(stage);
    const add = (name: string, text: string): void => files.add(join(out, name), text, { mode: OWNER_RUNS });
    add(undo, undoScript(plan, stage));
    add(script, stageScript(plan, stage));
  }
  for (const { path, text } of inventory) files.add(join(out, INVENTORY_FOLDER, path), text);
  return files.commit().filter((path) => !path.startsWith(join(out, INVENTORY_FOLDER)));
}
