import type { Rule } from '../inventory/inventory.ts';
import type { VerdictKind } from '../verdicts/verdict.ts';

/** What may be removed together, in stages, for a person to review and carry out. Nothing carries it out by itself. */
export interface Plan {
  readonly schemaVersion: 1;
  readonly asOf: string;
  readonly windowDays: number;
  readonly stages: readonly Stage[];
  /** Rules that are unused or redundant and yet stay, each with its reason. */
  readonly skipped: readonly { readonly ruleId: string; readonly groupId: string; readonly reason: string }[];
}

/** Rules that are removed at one time. The next stage waits until tracked connections have ended. */
export interface Stage {
  readonly number: number;
  /** Days to wait and watch after the stage, before it counts as verified. */
  readonly waitDays: number;
  readonly removals: readonly Removal[];
}

export interface Removal {
  readonly rule: Rule;
  readonly verdict: VerdictKind;
  readonly why: string;
  /** Of a redundant rule, those that admit the same and stay. */
  readonly coveredBy: readonly string[];
  /** Removing it cuts open untracked connections, once. */
  readonly cutsUntracked: boolean;
  /** Shell commands, each for one line. */
  readonly command: string;
  readonly undo: string;
}
