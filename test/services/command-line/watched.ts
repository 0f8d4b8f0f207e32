import { copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { countedRejects, type ShownUsage } from '../../../services/command-line/commands/usage/usage.ts';
import type { CountedRule } from '../../../shared/reports/build-report.ts';
import type { UsageReport } from '../../../shared/reports/schema.ts';
import { filesUnder, generated } from '../generate-account/generated.ts';
import { runMain } from './program.ts';

/** What `watch` must come to. */
export type Expected = Omit<ShownUsage, 'files'>;

/** A generated account, and what `analyze` says of all its logs. */
export async function analyzedAccount(records: number, minutes: number, seed = 1) {
  const { out } = await generated({ records, minutes, seed });
  const [inventory, logs] = [join(out, 'inventory'), join(out, 'logs')];
  return { out, inventory, logs, files: filesUnder(logs), expected: await analyzed(inventory, logs, join(out, 'out')) };
}

/** What only who judges can say of a rule. */
const JUDGED: ReadonlySet<string> = new Set([
  ...['verdict', 'why', 'evidence', 'wentQuiet', 'rank', 'narrower'],
  ...['accountId', 'region', 'vpcId', 'owner', 'attachedTo'],
]);

/** What `analyze` writes, as far as `usage --json` says the same. */
export async function analyzed(inventory: string, logs: string, out: string): Promise<Expected> {
  const run = await runMain(['analyze', '--inventory', inventory, '--logs', logs, '--out', out]);
  if (run.status !== 0) throw new Error(run.stderr);
  const report = JSON.parse(readFileSync(join(out, 'usage.json'), 'utf8')) as UsageReport;
  const { coverage, records, malformedSamples, unknownInterfaces, rejectedFlows, rules } = report;
  return {
    coverage,
    records,
    unknownInterfaces,
    rejectedFlows: countedRejects(rejectedFlows),
    malformedSamples: malformedSamples.map((sample) => ({ ...sample, file: sample.file.slice(logs.length + 1) })),
    rules: rules.map((rule) => {
      if (rule.verdict.kind.length * rule.why.length === 0) throw new Error('no verdict');
      // A store knows prefix lists by their ids alone.
      const peer = rule.peer.type === 'prefixList' ? { ...rule.peer, name: null } : rule.peer;
      const counted = Object.entries({ ...rule, peer }).filter(([key]) => !JUDGED.has(key));
      return Object.fromEntries(counted) as unknown as CountedRule;
    }),
  };
}

/** What the store says, and how many files it holds. */
export async function shownUsage(store: string): Promise<{ files: number; usage: Expected }> {
  const run = await runMain(['usage', '--store', store, '--json']);
  if (run.status !== 0) throw new Error(run.stderr);
  const { files, ...usage } = JSON.parse(run.stdout) as ShownUsage;
  return { files, usage };
}

/** Puts a file in its place at once, as something that delivers logs should. */
export function drop(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  const beside = `${to}.part`;
  copyFileSync(from, beside);
  renameSync(beside, to);
}
