/**
 * What `stale-sg plan` would remove of an account whose truth is known: no flow that truly passed may lose its last rule.
 */
import { formatAddress } from '../../shared/addresses/address.ts';
import { planRemoval, windowsOf } from '../../shared/advice/removal/plan-removal.ts';
import type { Plan } from '../../shared/advice/removal/plan.ts';
import { RemovalEvidence } from '../../shared/advice/removal/removal-evidence.ts';
import type { FlowListener } from '../../shared/attribution/attribution.ts';
import { ServiceFlows } from '../../shared/evidence/service-flows.ts';
import { withContents } from '../../shared/evidence/current-rule-ids.ts';
import type { Inventory } from '../../shared/inventory/inventory.ts';
import { verdictText } from '../../shared/reports/verdict-text.ts';
import type { Usage } from '../../shared/usage/usage.ts';
import { judge, type Judged } from '../../shared/verdicts/judge.ts';
import type { TruthOfRule } from '../services/generate-account/generated.ts';
import type { RecordTruth } from './account.ts';
import { isOfWholeDays } from './seeds.ts';
import { table } from './table.ts';
import { type Day, daysSpanned, windowOf } from '../../shared/time.ts';
import type { JudgedRule } from '../../shared/advice/judged-rule.ts';

interface Times {
  readonly seen: number;
  readonly aside: number;
}

type Flows = ReadonlyMap<Day, ServiceFlows>;

type Vouched = 'inReport' | 'inPlan' | 'nowhere';

/** What is planned of an account, by who vouches for the age of its rules. */
function plansOf(inventory: Inventory, usage: Usage, flows: Flows): (vouched: Vouched) => Plan {
  const when = { asOf: usage.lastEnd, windowDays: daysSpanned(usage.firstEnd, usage.lastEnd) };
  const evidence = new RemovalEvidence(inventory, windowsOf(when));
  const nameOf = withContents(inventory.rules);
  for (const ofDay of flows.values()) {
    for (const flow of ofDay.flows({ nameOf })) evidence.addFlow({ ...flow, peer: formatAddress(flow.peer) }, flow.day);
  }
  // A day on which nothing was accepted has been looked at, too.
  const { firstDay } = windowOf(when.asOf, when.windowDays);
  const days = new Set(Array.from({ length: when.windowDays }, (_, i) => firstDay + i));
  const judgedRules = (rulesKnownSince: number | undefined): JudgedRule[] =>
    judge(inventory, usage, { ...when, rulesKnownSince }).map(judgedRule);
  const [vouchedFor, unvouched] = [judgedRules(0), judgedRules(undefined)];
  return (vouched) =>
    planRemoval(
      vouched === 'inReport' ? vouchedFor : unvouched,
      inventory,
      evidence,
      { source: 'evidence', days },
      { ...when, rulesKnownSince: vouched === 'inPlan' ? 0 : undefined, minDays: 1 },
    );
}

function judgedRule({ rule, verdict, use, evidence: { watchedDays } }: Judged): JudgedRule {
  const { usedTimes, soleTimes, replyTimes, possibleTimes, untrackedReplies } = use;
  const times = { usedTimes, soleTimes, replyTimes, possibleTimes, untrackedReplies };
  const why = verdictText(verdict, use);
  return { rule, report: { verdict, why, lastUsed: null, ...times, evidence: { watchedDays, young: null } } };
}

const advisedBy = ({ stages }: Plan): string[] =>
  stages.flatMap(({ removals }) => removals.map(({ rule }) => rule.ruleId)).sort();

/** What the records of an account tell of its flows, and the truth of them. */
export class FlowsSeen {
  readonly flows = new Map<Day, ServiceFlows>();
  /** By the rules that truly admit: in how many records that are evidence, and in how many others. */
  readonly truly = new Map<string, { seen: number; aside: number }>();

  /** For what is counted. */
  readonly hear: FlowListener = (flow, interfaceId, admission) => {
    const ofDay = this.flows.get(flow.day) ?? new ServiceFlows();
    ofDay.add(flow, interfaceId, admission);
    this.flows.set(flow.day, ofDay);
  };

  see(truth: RecordTruth): void {
    if (truth.rules.length > 0) {
      const key = truth.rules.join(' ');
      const times = this.truly.get(key) ?? { seen: 0, aside: 0 };
      times[truth.setAside === '' ? 'seen' : 'aside']++;
      this.truly.set(key, times);
    }
  }
}

export class PlanTally {
  readonly counts = { seeds: 0, rules: 0, advised: 0, stale: 0, redundant: 0, kept: 0, flows: 0, broken: 0, aside: 0 };
  /** Flows all of whose rules are advised. */
  readonly broken: string[] = [];
  /** Rules that alone admitted a request, and are advised. */
  readonly alone: string[] = [];
  /** Redundant rules that are advised together with all that covers them. */
  readonly pairs: string[] = [];
  /** Accounts whose plan depends on where a person vouches for the age of rules. */
  readonly unlike: string[] = [];
  /** By what rules are there for and what the plan does with them. */
  readonly purposes = new Map<string, number>();
  #pairsSeen = 0;

  take(seed: number, inventory: Inventory, usage: Usage, seen: FlowsSeen, truths: readonly TruthOfRule[]): void {
    const planned = plansOf(inventory, usage, seen.flows);
    const plan = planned('inReport');
    const advised = new Set(advisedBy(plan));
    this.#count(plan, advised, truths);
    for (const [key, times] of seen.truly) this.#takeFlow(seed, key, times, advised);
    for (const truth of truths) this.#takeRule(seed, truth, plan, advised);
    if (advisedBy(planned('inPlan')).join() !== [...advised].join()) this.unlike.push(`${seed}: in plan`);
    if (advisedBy(planned('nowhere')).length > 0) this.unlike.push(`${seed}: not vouched for`);
  }

  #count(plan: Plan, advised: ReadonlySet<string>, truths: readonly TruthOfRule[]): void {
    const { counts } = this;
    counts.seeds++;
    counts.rules += truths.length;
    counts.advised += advised.size;
    for (const { removals } of plan.stages) for (const { verdict } of removals) counts[verdict]++;
    counts.kept += plan.skipped.filter(({ verdict }) => verdict === 'redundant').length;
  }

  /** @param key the ids of all rules that truly admit, by blanks */
  #takeFlow(seed: number, key: string, { seen, aside }: Times, advised: ReadonlySet<string>): void {
    // `sgr-…@1` is a content of before an edit: nothing passes by it any more, removed or not.
    const admit = key.split(' ').filter((id) => !id.includes('@'));
    this.counts.flows += seen;
    if (!admit.some((id) => advised.has(id)) || admit.some((id) => !advised.has(id))) return;
    this.counts.broken += seen;
    this.counts.aside += aside;
    this.broken.push(`seed ${seed}: ${key}, ${seen} records, and ${aside} set aside`);
    if (admit.length === 1) this.alone.push(`seed ${seed}: ${key}`);
  }

  #takeRule(seed: number, truth: TruthOfRule, plan: Plan, advised: ReadonlySet<string>): void {
    const { purpose, ruleId, soleRequests } = truth;
    const { cover = [], observed = true } = purpose as { cover?: readonly string[]; observed?: boolean };
    if (soleRequests > 0 && advised.has(ruleId)) this.alone.push(`seed ${seed}: ${ruleId}`);
    if (cover.length > 0) {
      this.#pairsSeen++;
      if (advised.has(ruleId) && cover.every((id) => advised.has(id)))
        this.pairs.push(`seed ${seed}: ${ruleId} and ${cover.join()}`);
    }
    const skipped = plan.skipped.find((one) => one.ruleId === ruleId);
    const what = advised.has(ruleId) ? 'advised' : skipped ? `skipped, ${skipped.verdict}` : 'in use';
    const isObserved = observed && isOfWholeDays(seed);
    const key = [`${purpose.kind}${isObserved ? '' : ', not observed'}`, what].join('\t');
    this.purposes.set(key, (this.purposes.get(key) ?? 0) + 1);
  }

  toString(): string {
    const rows = [...this.purposes].sort().map(([key, rules]) => [...key.split('\t'), rules]);
    return [
      table(Object.keys(this.counts), [Object.values(this.counts)]),
      `What the rules are there for, and what the plan does with them\n${table(['purpose', 'plan', 'rules'], rows)}`,
      `redundant pairs: ${String(this.#pairsSeen)}, both advised: ${String(this.pairs.length)}`,
    ].join('\n\n');
  }
}
