import type { VerdictKind } from '../../shared/verdicts/verdict.ts';

/** In the order in which they are carried out, `analyze` and `plan` first. */
export type StepName = 'analyze' | 'analyze-again' | 'plan' | 'simulate' | 'check-plan' | 'reconcile' | 'watch';

/** Where things of a case are, and when it is. */
export interface Paths {
  readonly root: string;
  /** Of the inventory, or of the dated snapshots. */
  readonly inventory: string;
  /** The inventory, or the last of the snapshots. */
  readonly newest: string;
  readonly logs: string;
  readonly out: string;
  readonly plan: string;
  /** The end of the logs, ISO 8601. */
  readonly asOf: string;
}

/** One call of the program. */
export interface Step {
  readonly name: StepName;
  readonly words: (paths: Paths) => readonly string[];
  /** Where it leaves figures in the form of `usage.json`. */
  readonly figures?: (paths: Paths) => string;
}

type StateOfRules =
  /** Needed in truth: never stale, in no stage of a plan. */
  | 'needed'
  | 'notPlanned'
  /** They admitted nothing, and what is here shows it: a tool worth having says stale. */
  | 'useful'
  /** Unused or covered, and well watched: right is stale or redundant, and a stage of the plan. */
  | 'removable'
  /** They stand in for each other: redundant, and all but one of them planned. */
  | 'oneRemovable';

/** What is true of rules; judged by the report and the plan. */
export type RuleExpectation =
  | { readonly kind: StateOfRules; readonly rules: readonly string[] }
  | { readonly kind: 'verdict'; readonly rule: string; readonly verdicts: readonly VerdictKind[] }
  | { readonly kind: 'usedTimes'; readonly rule: string; readonly times: number }
  /** A narrower rule that is proposed without caveat still admits this. */
  | {
      readonly kind: 'admits';
      readonly rule: string;
      readonly protocol: number;
      readonly port: number;
      readonly peer: string;
    };

/** What a command must say or refuse. */
export type StepExpectation =
  /** To remove the rules must not be said to lose nothing. */
  | { readonly kind: 'simulateWarns'; readonly rules: readonly string[] }
  /** To refuse the input is right too, if the error has all of these words. */
  | { readonly kind: 'mayRefuse'; readonly step: StepName; readonly words: readonly string[] }
  /** By default every step ends with 0. */
  | { readonly kind: 'exits'; readonly step: StepName; readonly status: number | 'notZero' | 'any' }
  | { readonly kind: 'says'; readonly step: StepName; readonly patterns: readonly RegExp[] }
  /**
   * The others count what the first one counts, or refuse it and say what (`mayRefuse`); what the first one refuses, they
   * refuse.
   */
  | { readonly kind: 'sameAs'; readonly first: StepName; readonly others: readonly StepName[] };

export type Expectation = RuleExpectation | StepExpectation;
