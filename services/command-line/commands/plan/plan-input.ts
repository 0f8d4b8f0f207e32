import type { Skipped } from '../../../../shared/advice/removal/plan.ts';
import type { EvidenceSource } from '../../../../shared/evidence/evidence-source.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import type { AdmittingSet } from '../../../../shared/usage/usage.ts';
import type { Deployment, DeploymentOptions } from '../../deployment/evidence-adapter.ts';
import { parseReport, readReportedVerdicts, type PlanReport } from '../../evidence/reported-verdicts.ts';
import { judgedSince } from './plan-since.ts';
import { newestFiles, readInventories } from '../../files/read-inventories.ts';
import { snapshotFiles } from '../../../snapshot-groups/layout.ts';
import { dayOf, type Day } from '../../../../shared/time.ts';

/** Files of one run. */
export interface PlanFiles {
  /** `usage.json`. */
  readonly report: string;
  readonly evidence: string;
  readonly inventory: readonly string[];
}

/** What a plan is made from. */
export interface PlanGrounds {
  readonly judged: PlanReport;
  /** Rules of which the report no longer speaks. */
  readonly leftOut: readonly Skipped[];
  readonly inventory: Inventory;
  readonly source: EvidenceSource;
  /** Days of which there must be evidence: else some of it is lost. Of a deployment, of which it may age, none. */
  readonly daysOfEvidence: readonly Day[];
  /** Besides the evidence: sets of rules that admitted the same. Their flows are in no figure. */
  readonly sets: (day: Day) => Promise<readonly AdmittingSet[]>;
  /** The last day of which there may be such sets. */
  readonly lastDay: Day;
  /** For messages. */
  readonly names: { readonly report: string; readonly inventory: string };
  /** Where the rules are, where that is known. */
  readonly region: string | undefined;
  /** Of the inventory: what `check-plan` needs when the rules are gone. */
  readonly files: () => Promise<readonly { readonly path: string; readonly text: string }[]>;
}

/** Does some work with the grounds in the files, or else of the deployment. */
export async function withGrounds<T>(
  place: PlanFiles | DeploymentOptions,
  work: (grounds: PlanGrounds) => Promise<T>,
): Promise<T> {
  if (!('tables' in place)) return work(await groundsInFiles(place));
  // The SDK is loaded only when needed.
  const { openDeployment } = await import('../../deployment/evidence-adapter.ts');
  const deployment = await openDeployment(place);
  try {
    return await work(await groundsOf(deployment));
  } finally {
    deployment.close();
  }
}

async function groundsInFiles({ report, evidence, inventory: folders }: PlanFiles): Promise<PlanGrounds> {
  const inventory = await readInventories(folders);
  const folder = folders.join(', ');
  const judged = await readReportedVerdicts(report, inventory, folder);
  const { openEvidenceFolder } = await import('../../evidence/evidence-folder.ts');
  return {
    judged,
    leftOut: [],
    inventory,
    source: await openEvidenceFolder(evidence),
    daysOfEvidence: judged.days,
    sets: () => Promise.resolve([]),
    lastDay: -1,
    names: { report, inventory: folder },
    region: undefined,
    files: () => newestFiles(folders),
  };
}

/** Last uses are read last: whatever was counted while the rest was read is a use as well. */
async function groundsOf(deployment: Deployment): Promise<PlanGrounds> {
  const found = await deployment.report();
  const report = parseReport(found.name, found.report);
  const before = await deployment.inventoriesOf(found);
  const { inventory, region } = await deployment.snapshot();
  const lastUses = [...(await deployment.lastUses(inventory.rules))];
  const { rules, leftOut } = judgedSince(report, { inventory, before, lastUses });
  const { asOf, windowDays, days } = report;
  const lastUse = lastUses.reduce((last, [, { lastUsed }]) => Math.max(last, lastUsed), -1);
  const needsSets = rules.some(({ report: { verdict } }) => verdict.kind === 'redundant');
  return {
    judged: { asOf, windowDays, days, rules },
    leftOut,
    inventory,
    region,
    source: deployment.source,
    daysOfEvidence: [],
    sets: deployment.streamedSets,
    lastDay: needsSets ? dayOf(lastUse) : -1,
    names: { report: found.name, inventory: 'the newest snapshot' },
    files: async () => [...snapshotFiles(await deployment.described())],
  };
}
