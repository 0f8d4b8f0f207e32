import type { Rule } from '../../inventory/inventory.ts';
import type { Verdict, VerdictKind } from '../../verdicts/verdict.ts';

/** What may be removed together, in stages, for a person to review and carry out. Nothing carries it out by itself. */
export interface Plan {
  readonly schemaVersion: 1;
  readonly asOf: string;
  readonly windowDays: number;
  readonly evidence: {
    /** Where the service flows came from: a folder, or the tables of a deployment. */
    readonly source: string;
    /** UTC days of the window of which there is evidence, and those of which there is none. */
    readonly days: number;
    readonly missingDays: readonly string[];
  };
  readonly stages: readonly Stage[];
  /** Rules that are unused or redundant and yet stay, or have changed since they were judged, each with its reason. */
  readonly skipped: readonly Skipped[];
}

/** Rules that are removed at one time. The next stage waits until tracked connections have ended. */
export interface Stage {
  readonly number: number;
  /** Days to wait and watch after the stage, before it counts as verified. */
  readonly waitDays: number;
  /** What must still stand, since rules of this stage are only covered by it: each with the command that tells. */
  readonly keepers: readonly { readonly ruleId: string; readonly check: string }[];
  readonly removals: readonly Removal[];
}

export interface Removal {
  readonly rule: Rule;
  readonly verdict: CandidateKind;
  readonly why: string;
  /** ISO 8601, UTC; of any day read, in the window or before it. */
  readonly lastUsed: string | null;
  /** Of a redundant rule, those that admit the same and stay: at least one in every set it was seen in. */
  readonly coveredBy: readonly string[];
  /** Removing it cuts open untracked connections, once. */
  readonly cutsUntracked: boolean;
  /** What a reviewer must know besides: who else manages the rule, what the undo cannot bring back. Text of others. */
  readonly notes: readonly string[];
  /** Shell commands, each for one line. The check prints `same`, or `changed` for a rule edited since the plan. */
  readonly check: string;
  readonly command: string;
  readonly undo: string;
  /** Where Terraform holds the rule, if it does. */
  readonly terraform: TerraformHint;
}

export interface TerraformHint {
  /** As `terraform import` wants it; {@link importId} is its id there. */
  readonly resource: 'aws_vpc_security_group_ingress_rule' | 'aws_vpc_security_group_egress_rule';
  readonly importId: string;
  /** Print the address of the rule, and of the group, which may hold it in its own block. */
  readonly lookUp: readonly string[];
}

/** Verdicts of rules that may go. */
export type CandidateKind = Extract<VerdictKind, 'stale' | 'redundant'>;

export interface Skipped {
  readonly ruleId: string;
  readonly groupId: string;
  readonly verdict: Verdict['kind'];
  /** One sentence. Holds text of others (tags): escape it where it is shown. */
  readonly reason: string;
}
