import type { Rule, RuleContent } from '../world/entities.ts';
import type { NeededBecause, Purpose } from '../world/purposes.ts';
import { isoTime } from '../../../shared/time.ts';
import type { RuleTally, Tally } from './tally.ts';

/** Whether the rule may go. */
export type Need =
  /** Something is cut off without it: it alone admitted a request, or will. */
  | { readonly kind: 'needed'; readonly because: NeededBecause }
  /** It admitted requests, and other rules admit each of them as well. */
  | { readonly kind: 'covered' }
  /** It admitted nothing. */
  | { readonly kind: 'unneeded'; readonly because: UnneededBecause };

export type UnneededBecause =
  /** Stale on purpose, and the logs that are written can show it. */
  | 'leftOver'
  /** The same, but what it names is younger than the run: who has snapshots knows. */
  | 'leftOverYoung'
  /** Stale on purpose, but these logs cannot show it. */
  | 'leftOverUnseen'
  /** AWS ignores its reference to a group. */
  | 'void'
  /** On no interface. */
  | 'unattached'
  /** Meant to be used; the run ended before. */
  | 'runTooShort';

/** `rules.json`: what each rule of the inventory truly did. Times are ISO 8601, counts are records. */
export interface RuleTruth extends ContentTruth {
  readonly ruleId: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly purpose: PurposeTruth;
  readonly need: Need;
  /** Contents before the last edit in place, oldest first; `records` name them `ruleId@1`, `ruleId@2`, … */
  readonly earlier: readonly (ContentTruth & { readonly label: string; readonly until: string })[];
}

export type PurposeTruth =
  | Exclude<Purpose, { kind: 'redundant' | 'quiet' }>
  | { readonly kind: 'redundant'; /** Rule ids. */ readonly cover: readonly string[] }
  | { readonly kind: 'quiet'; readonly since: string };

interface ContentTruth extends Omit<RuleTally, 'firstRequest' | 'lastRequest'> {
  /** `in tcp 443 0.0.0.0/0` */
  readonly rule: string;
  readonly firstRequest: string | null;
  readonly lastRequest: string | null;
}

export function ruleTruths(rules: readonly Rule[], tally: Tally): RuleTruth[] {
  const idsByText = new Map(rules.map((rule) => [textOf(rule), rule.id]));
  return rules.map((rule) => {
    const newest = rule.contents.at(-1)!;
    return {
      ruleId: rule.id,
      groupId: rule.group.id,
      groupName: rule.group.name,
      purpose: shownPurpose(newest.purpose, idsByText),
      need: needOf(newest.purpose, tally.of(newest)),
      ...contentTruth(newest, tally),
      earlier: rule.contents
        .slice(0, -1)
        .map((content) => ({ label: content.label, until: isoTime(content.until), ...contentTruth(content, tally) })),
    };
  });
}

function needOf(purpose: Purpose, did: Readonly<RuleTally>): Need {
  if (purpose.kind === 'awaited') return { kind: 'needed', because: purpose.because };
  if (admittedBy(did) === 0) return { kind: 'unneeded', because: unneededBecause(purpose) };
  if (did.soleRequests + did.soleRequestsUnseen === 0) return { kind: 'covered' };
  return { kind: 'needed', because: neededBecause(purpose) };
}

function unneededBecause(purpose: Purpose): UnneededBecause {
  switch (purpose.kind) {
    case 'stale':
      if (purpose.observed === 'asIfOld') return 'leftOverYoung';
      return purpose.observed ? 'leftOver' : 'leftOverUnseen';
    case 'void':
    case 'unattached':
      return purpose.kind;
    case 'used':
    case 'awaited':
    case 'redundant':
    case 'quiet':
    case 'onlyPossible':
    case 'unseen':
    case 'replaced':
      return 'runTooShort';
  }
}

function neededBecause(purpose: Purpose): NeededBecause {
  switch (purpose.kind) {
    case 'used':
      return purpose.because;
    case 'onlyPossible':
      return 'unknownPeers';
    case 'unseen':
      return 'unseen';
    case 'awaited':
    case 'stale':
    case 'void':
    case 'redundant':
    case 'quiet':
    case 'unattached':
    case 'replaced':
      return 'ordinary';
  }
}

/** Requests, whether or not a record that counts tells of them. */
function admittedBy({ requests, requestsSetAside, requestsUnlogged }: Readonly<RuleTally>): number {
  return requests + requestsSetAside + requestsUnlogged;
}

/** As tables name covering rules. */
function textOf(rule: Rule): string {
  return `${rule.group.name}|${rule.contents.at(-1)!.text}`;
}

function shownPurpose(purpose: Purpose, idsByText: ReadonlyMap<string, string>): PurposeTruth {
  if (purpose.kind === 'quiet') return { kind: 'quiet', since: isoTime(purpose.since) };
  if (purpose.kind !== 'redundant') return purpose;
  const cover = purpose.cover.map((text) => {
    const id = idsByText.get(text);
    if (id === undefined) throw new Error(`no rule ${text}`);
    return id;
  });
  return { kind: 'redundant', cover };
}

function contentTruth(content: RuleContent, tally: Tally): ContentTruth {
  const { firstRequest, lastRequest, ...counts } = tally.of(content);
  return {
    rule: content.text,
    ...counts,
    firstRequest: counts.requests === 0 ? null : isoTime(firstRequest),
    lastRequest: counts.requests === 0 ? null : isoTime(lastRequest),
  };
}

/** Throws where the simulation has not borne out what a rule is there for. */
export function provePurposes(contents: readonly RuleContent[], tally: Tally, windowSeconds: number): void {
  for (const content of contents) {
    const did = tally.of(content);
    if (isProved(content, did, windowSeconds)) continue;
    const { purpose, rule, text } = content;
    throw new Error(`${rule.group.name}|${text} is not ${purpose.kind}: ${JSON.stringify(did)}`);
  }
}

function isProved({ purpose }: RuleContent, did: Readonly<RuleTally>, windowSeconds: number): boolean {
  switch (purpose.kind) {
    case 'stale':
    case 'void':
    case 'awaited':
    case 'unattached':
      return admittedBy(did) === 0;
    case 'used':
      // A short run may not get to it; but what is needed for a reason must not be covered by another rule.
      return purpose.because === 'ordinary' || admittedBy(did) === 0 || did.soleRequests + did.soleRequestsUnseen > 0;
    case 'redundant':
      return did.soleRequests + did.soleRequestsUnseen === 0;
    case 'unseen':
      return did.requests === 0;
    case 'quiet':
      return did.lastRequest <= purpose.since + windowSeconds;
    case 'onlyPossible':
    case 'replaced':
      return true;
  }
}
