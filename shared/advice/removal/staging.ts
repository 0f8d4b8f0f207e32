import { compareText } from '../../text/compare.ts';
import { safeName } from '../../text/safe-name.ts';
import type { PlanBy, Removal, Stage } from './plan.ts';

/** The first stage of a VPC is a canary, of different groups; each that follows is so many times as large. */
const CANARY = 5;
const GROWTH = 4;
/** So few rules need no canary. */
const ONE_STAGE = 10;
/** With their undo, `plan.json`, `plan.md` and what is to be changed in code: below 40 files. */
const MOST_STAGES = 16;

/** A rule that may go, for {@link staged}. */
export interface Staged {
  readonly removal: Removal;
}

/** What goes together. */
export interface StagedParts<P extends Staged> {
  /** Whose they are; undefined where they are of several. */
  readonly of: string | undefined;
  readonly parts: readonly P[];
}

/** Whose a rule is; empty where nobody tells. */
export function partyOf(
  { accountId, vpcId, owner }: Pick<Removal, 'accountId' | 'vpcId' | 'owner'>,
  by: PlanBy,
): string {
  return { vpc: vpcId, account: accountId, owner: owner ?? '' }[by];
}

/** For people. Text of others. */
export function partyTitle(party: string, by: PlanBy): string {
  return party === '' ? `no ${by} told` : party;
}

/** Behind a script of a stage that several share: `owner:team-a`. No other word of a script has a colon. */
export function partyWord(party: string, by: PlanBy): string {
  return party === '' ? `no-${by}` : `${by}:${safeName(party)}`;
}

/** Files of a stage: `stage-3.team-a.sh`. No name has a full stop in it, so none makes a script look like an undo. */
export function stageScripts({ number, of }: Pick<Stage, 'number' | 'of'>): { script: string; undo: string } {
  const name = of === undefined ? '' : `.${of === '' ? 'nobody' : safeName(of)}`;
  return { script: `stage-${number}${name}.sh`, undo: `stage-${number}-undo${name}.sh` };
}

/**
 * Stages in order; of each owner or account that has stages of its own, in a row. These do not wait for each other: all that goes
 * is safe to remove together, whatever takes over stays for good, and so any part of it is safe in any order.
 *
 * As many of the largest have stages of their own as there is room for ({@link MOST_STAGES}); those that are left share
 * stages, the nth of which has the nth of each. By VPC all share.
 */
export function staged<P extends Staged>(parts: readonly P[], by: PlanBy, atMost: number): StagedParts<P>[] {
  const parties = [...Map.groupBy(parts, ({ removal }) => partyOf(removal, by))]
    .map(([name, some]) => ({ name, ...stagesOf(some, atMost), size: some.length }))
    .sort((a, b) => b.size - a.size || compareText(a.name, b.name));
  // Each has one stage at least.
  let own = by === 'vpc' ? 0 : Math.min(parties.length, MOST_STAGES);
  while (own > 0 && numberOf(parties.slice(0, own), parties.slice(own)) > MOST_STAGES) own--;
  const withOwn = parties.slice(0, own);
  const names = new Set(withOwn.map(({ name }) => name));
  const others = parts.filter(({ removal }) => !names.has(partyOf(removal, by)));
  const shared = stagesOf(others, atMost, (removal) => `${partyOf(removal, by)} ${vpcOf(removal)}`);
  return [...withOwn, { name: undefined, ...shared }].flatMap(({ name, stale, redundant }) =>
    [...stale, ...redundant].map((some) => ({ of: name, parts: some })),
  );
}

interface InKinds<P> {
  readonly stale: readonly (readonly P[])[];
  readonly redundant: readonly (readonly P[])[];
}

function numberOf(own: readonly InKinds<Staged>[], sharing: readonly InKinds<Staged>[]): number {
  const most = (kind: keyof InKinds<Staged>): number => Math.max(0, ...sharing.map((one) => one[kind].length));
  return own.reduce(
    (sum, { stale, redundant }) => sum + stale.length + redundant.length,
    most('stale') + most('redundant'),
  );
}

function vpcOf({ accountId, region, vpcId }: Removal): string {
  return `${accountId} ${region} ${vpcId}`;
}

/** Stale rules in the first stages, redundant ones in later ones. */
function stagesOf<P extends Staged>(parts: readonly P[], atMost: number, eachOf = vpcOf): InKinds<P> {
  const of = (kind: Removal['verdict']): P[][] =>
    growing(
      parts.filter(({ removal }) => removal.verdict === kind),
      atMost,
      eachOf,
    );
  return { stale: of('stale'), redundant: of('redundant') };
}

/**
 * Stages of few rules first, then more: the nth has the nth part of each VPC, since what breaks in one shows nothing of
 * another. The first part of a VPC is of different groups.
 */
function growing<P extends Staged>(parts: readonly P[], atMost: number, eachOf: (removal: Removal) => string): P[][] {
  const stages: P[][] = [];
  for (const ofOne of Map.groupBy(parts, ({ removal }) => eachOf(removal)).values()) {
    const left = canaryFirst(ofOne);
    let size = left.length <= ONE_STAGE ? ONE_STAGE : CANARY;
    for (let number = 0; left.length > 0; number++, size *= GROWTH) {
      (stages[number] ??= []).push(...left.splice(0, Math.min(size, atMost)));
    }
  }
  return stages;
}

function canaryFirst<P extends Staged>(parts: readonly P[]): P[] {
  const groups = new Set<string>();
  const canaries = new Set<P>();
  for (const part of parts) {
    const { groupId } = part.removal.rule;
    if (canaries.size === CANARY) break;
    if (!groups.has(groupId)) canaries.add(part);
    groups.add(groupId);
  }
  return [...canaries, ...parts.filter((part) => !canaries.has(part))];
}
