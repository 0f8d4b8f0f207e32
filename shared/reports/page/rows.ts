import { VERDICT_KINDS, type VerdictKind } from '../../verdicts/verdict.ts';
import { isTooWide } from '../doable.ts';
import type { PageRule } from './packed-report.ts';
import { groupText } from './text.ts';
import { serviceText } from '../../text/rule-text.ts';

/** A rule as the table sorts, filters and shows it. */
export interface RuleRow {
  readonly rule: PageRule;
  readonly service: string;
  readonly group: string;
  /** All that the text filter looks into, in lower case. */
  readonly haystack: string;
}

/** `''` in any of them asks for nothing. */
export interface Filter {
  readonly text: string;
  readonly verdict: VerdictKind | '';
  readonly groupId: string;
  /** {@link UNTOLD} for rules of which nobody tells; so for account, Region and VPC. */
  readonly owner: string;
  readonly accountId: string;
  readonly region: string;
  readonly vpcId: string;
  readonly direction: string;
  readonly protocol: string;
  readonly wentQuiet: boolean;
  readonly tooWide: boolean;
}

/** Asks for rules of which something is not told. No tag or id is a blank. */
export const UNTOLD = ' ';

export const NO_FILTER: Filter = {
  text: '',
  verdict: '',
  groupId: '',
  owner: '',
  accountId: '',
  region: '',
  vpcId: '',
  direction: '',
  protocol: '',
  wentQuiet: false,
  tooWide: false,
};

export const SORT_KEYS = [
  'rank',
  'verdict',
  'rule',
  'group',
  'direction',
  'service',
  'peer',
  'used',
  'sole',
  'lastUsed',
  'why',
] as const;
export type SortKey = (typeof SORT_KEYS)[number];

export interface Sort {
  readonly key: SortKey;
  readonly descending: boolean;
}

export function ruleRows(rules: readonly PageRule[]): RuleRow[] {
  return rules.map((rule) => {
    const service = serviceText(rule);
    const group = groupText(rule);
    const { ruleId, groupId, groupName, direction, peer, description, verdict, why, owner, attachedTo = [] } = rule;
    const texts = [
      ruleId,
      groupId,
      groupName,
      direction,
      service,
      peer.value,
      peer.name ?? '',
      description,
      verdict.kind,
      why,
      owner?.name ?? '',
      rule.accountId ?? '',
      rule.accountName ?? '',
      rule.region ?? '',
      rule.vpcId ?? '',
      ...attachedTo,
    ];
    return { rule, service, group, haystack: texts.join('\n').toLowerCase() };
  });
}

/** The rows that fit all that is asked; each word of the text must occur. */
export function filterRows(rows: readonly RuleRow[], filter: Filter): RuleRow[] {
  const { verdict, groupId, owner, accountId, region, vpcId, direction, protocol, wentQuiet, tooWide } = filter;
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ rule, haystack }) => {
    return (
      (verdict === '' || rule.verdict.kind === verdict) &&
      (groupId === '' || rule.groupId === groupId) &&
      isAsked(owner, ownerName(rule)) &&
      isAsked(accountId, rule.accountId) &&
      isAsked(region, rule.region) &&
      isAsked(vpcId, rule.vpcId) &&
      (direction === '' || rule.direction === direction) &&
      (protocol === '' || rule.protocol === protocol) &&
      (!wentQuiet || hasGoneQuiet(rule)) &&
      (!tooWide || isTooWide(rule)) &&
      words.every((word) => haystack.includes(word))
    );
  });
}

function isAsked(asked: string, value = ''): boolean {
  return asked === '' || value === (asked === UNTOLD ? '' : asked);
}

/** `''` where no tag names one. */
export function ownerName({ owner }: PageRule): string {
  return owner?.name ?? '';
}

export function hasGoneQuiet({ wentQuiet }: PageRule): boolean {
  return wentQuiet !== null;
}

type SortValue = string | number | null;

const SORT_VALUES: Readonly<Record<SortKey, (row: RuleRow) => SortValue>> = {
  rank: ({ rule }) => rule.rank.score,
  verdict: ({ rule }) => VERDICT_KINDS.indexOf(rule.verdict.kind),
  rule: ({ rule }) => rule.ruleId,
  group: ({ group }) => group.toLowerCase(),
  direction: ({ rule }) => rule.direction,
  service: ({ rule }) => `${rule.protocol} ${String(rule.fromPort ?? -1).padStart(6)}`,
  peer: ({ rule }) => rule.peer.value,
  used: ({ rule }) => rule.usedTimes,
  sole: ({ rule }) => rule.soleTimes,
  lastUsed: ({ rule }) => rule.lastUsed,
  why: ({ rule }) => rule.why,
};

/** In order of one column; what has no value there comes last either way, and equals keep the order of the report. */
export function sortRows(rows: readonly RuleRow[], { key, descending }: Sort): RuleRow[] {
  const valueOf = SORT_VALUES[key];
  const sign = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, value: valueOf(row) }))
    .sort(({ value: a }, { value: b }) => {
      if (a === b) return 0;
      if (a === null) return 1;
      if (b === null) return -1;
      return a < b ? -sign : sign;
    })
    .map(({ row }) => row);
}

/** Large figures and late dates are what one looks for first; of texts, the start of the alphabet. */
export function firstOrder(key: SortKey): Sort {
  return { key, descending: ['rank', 'used', 'sole', 'lastUsed'].includes(key) };
}

/** How many rules have each verdict; kinds without any are left out. */
export function verdictCounts(rules: readonly PageRule[]): { kind: VerdictKind; rules: number }[] {
  const counts = new Map(VERDICT_KINDS.map((kind) => [kind, 0]));
  for (const { verdict } of rules) counts.set(verdict.kind, counts.get(verdict.kind)! + 1);
  return [...counts].filter(([, rules]) => rules > 0).map(([kind, rules]) => ({ kind, rules }));
}
