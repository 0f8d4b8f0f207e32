import { join } from 'node:path';
import { Option, type Command } from 'commander';
import type { DayRange, EvidenceSource } from '../../../shared/evidence/evidence-source.ts';
import { StandingRules } from '../../../shared/evidence/current-rule-ids.ts';
import type { Inventory } from '../../../shared/inventory/inventory.ts';
import type { Deployment } from '../deployment/evidence-adapter.ts';
import { knownRule, readReportedRules, reportedRules, type EvidenceRule, type ReportedRule } from './evidence-rules.ts';
import { parseDay } from '../terminal/options.ts';
import { matchRules, parseReport } from './reported-verdicts.ts';
import { readInventories } from '../files/read-inventories.ts';
import { shown } from '../../../shared/text/plain.ts';

export interface PlaceOptions extends DayRange {
  /** What `analyze --out` wrote. */
  readonly evidence?: string;
  /** What the names of a deployment begin with. */
  readonly tables?: string;
  readonly region?: string;
  readonly dataBucket?: string;
  /** Without it: of a deployment the newest snapshot, else the rules of the report beside the evidence. */
  readonly inventory?: readonly string[];
  /** `usage.json`. */
  readonly report?: string;
}

/** Where evidence is, and which rules it is about. */
export interface EvidencePlace {
  readonly source: EvidenceSource;
  readonly standing: StandingRules;
  readonly rules: ReadonlyMap<string, EvidenceRule>;
  /** Undefined where only a report tells of the rules. */
  readonly inventory: Inventory | undefined;
  /** By rule id; empty without a report. Of a deployment by its newest, but for rules that have changed since. */
  readonly reported: () => Promise<ReadonlyMap<string, ReportedRule>>;
  readonly close: () => void;
}

export function withPlaceOptions(command: Command): Command {
  return command
    .option('--evidence <dir>', 'what `stale-sg analyze --out` wrote')
    .addOption(
      new Option('--tables <prefix>', 'instead of it: a deployment, by what its names begin with').conflicts(
        'evidence',
      ),
    )
    .option('--region <region>', "AWS region of the deployment (default: the SDK's own)")
    .option('--data-bucket <name>', 'its data bucket (default: as infra/ names it)')
    .option(
      '--inventory <dir...>',
      'the rules as they are now (default: of a deployment the newest snapshot, else those of usage.json beside the evidence)',
    )
    .option('--from <date>', 'first UTC day of evidence (default: 90 days up to the last)', parseDay)
    .option('--to <date>', 'last UTC day of evidence', parseDay);
}

/** Wrong usage where no evidence is named. */
export function mustNamePlace(command: Command, { evidence, tables }: PlaceOptions): void {
  if (evidence === undefined && tables === undefined) {
    command.error('error: say where the evidence is: --evidence DIR, or --tables PREFIX');
  }
}

/**
 * Opens evidence in a folder or of a deployment.
 *
 * @throws Error of one line that says what is missing or cannot be read
 */
export async function openPlace(options: PlaceOptions): Promise<EvidencePlace> {
  const { tables, evidence } = options;
  const given = options.inventory === undefined ? undefined : await readInventories(options.inventory);
  const reported = options.report === undefined ? [] : await readReportedRules(options.report);
  if (tables !== undefined) {
    // The SDK is loaded only when needed.
    const { openDeployment } = await import('../deployment/evidence-adapter.ts');
    const deployment = await openDeployment({ ...options, tables });
    try {
      const inventory = given ?? (await deployment.inventory());
      const ofReport = options.report === undefined ? () => newestOf(deployment, inventory) : () => reported;
      return placeOf(deployment.source, inventory, ofReport, deployment.close);
    } catch (error) {
      deployment.close();
      throw error;
    }
  }
  if (evidence === undefined) throw new Error('say where the evidence is: --evidence DIR, or --tables PREFIX');
  const { openEvidenceFolder } = await import('./evidence-folder.ts');
  const source = await openEvidenceFolder(evidence);
  if (given)
    return placeOf(
      source,
      given,
      () => reported,
      () => undefined,
    );
  const beside = options.report === undefined ? await rulesBeside(evidence) : reported;
  return {
    source,
    inventory: undefined,
    close: () => undefined,
    standing: StandingRules.named(beside.map(({ ruleId }) => ruleId)),
    rules: byId(beside),
    reported: () => Promise.resolve(byId(beside)),
  };
}

/**
 * Fails for ids that no rule has.
 *
 * @throws Error that names them
 */
export function mustBeKnown(ruleIds: readonly string[], { rules, inventory, source }: EvidencePlace): void {
  const unknown = ruleIds.filter((id) => !rules.has(id));
  if (unknown.length === 0) return;
  const where = inventory ? 'the inventory' : `usage.json beside ${source.name}`;
  throw new Error(`no such rule in ${where}: ${unknown.map(shown).join(', ')}`);
}

function placeOf(
  source: EvidenceSource,
  inventory: Inventory,
  reported: () => readonly ReportedRule[] | Promise<readonly ReportedRule[]>,
  close: () => void,
): EvidencePlace {
  const { rules } = inventory;
  const known = byId(rules.map((rule) => knownRule(rule, inventory)));
  const standing = StandingRules.of(rules);
  return { source, standing, rules: known, inventory, reported: async () => byId(await reported()), close };
}

/** None where no night has written a report yet. A verdict on a rule's former content says nothing of its present one. */
async function newestOf(deployment: Deployment, inventory: Inventory): Promise<ReportedRule[]> {
  const found = await deployment.findReport();
  if (!found) return [];
  const { same } = matchRules(parseReport(found.name, found.report).rules, inventory);
  const unchanged = new Set(same.map(({ rule }) => rule.ruleId));
  return reportedRules(found.name, found.report).filter(({ ruleId }) => unchanged.has(ruleId));
}

async function rulesBeside(evidence: string): Promise<ReportedRule[]> {
  try {
    return await readReportedRules(join(evidence, 'usage.json'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new Error(`${evidence}: no usage.json there, so the rules are not known; give --inventory DIR`, {
      cause: error,
    });
  }
}

function byId<T extends EvidenceRule>(rules: readonly T[]): ReadonlyMap<string, T> {
  return new Map(rules.map((rule) => [rule.ruleId, rule]));
}
