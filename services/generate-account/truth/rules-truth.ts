import type { Purpose, Rule, RuleContent } from '../world/entities.ts';
import { isoTime } from '../../../shared/time.ts';
import type { RuleTally, Tally } from './tally.ts';

/** `rules.json`: what each rule of the inventory truly did. Times are ISO 8601, counts are records. */
export interface RuleTruth extends ContentTruth {
  readonly ruleId: string;
  readonly groupId: string;
  readonly groupName: string;
  readonly purpose: PurposeTruth;
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
      ...contentTruth(newest, tally),
      earlier: rule.contents
        .slice(0, -1)
        .map((content) => ({ label: content.label, until: isoTime(content.until), ...contentTruth(content, tally) })),
    };
  });
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
    const { purpose } = content;
    const did = tally.of(content);
    const all = did.requests + did.requestsSetAside + did.requestsUnlogged;
    const isKept =
      purpose.kind === 'stale' || purpose.kind === 'unattached'
        ? all === 0
        : purpose.kind === 'redundant'
          ? did.soleRequests === 0
          : purpose.kind === 'unseen'
            ? did.requests === 0
            : purpose.kind !== 'quiet' || did.lastRequest <= purpose.since + windowSeconds;
    if (!isKept)
      throw new Error(`${content.rule.group.name}|${content.text} is not ${purpose.kind}: ${JSON.stringify(did)}`);
  }
}
