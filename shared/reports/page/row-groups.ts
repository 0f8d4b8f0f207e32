import { VERDICT_NAME } from '../verdict-text.ts';
import { VERDICT_KINDS } from '../../verdicts/verdict.ts';
import { isTooWide } from '../doable.ts';
import type { PageRule } from './packed-report.ts';
import { ownerName, UNTOLD, type Filter, type RuleRow } from './rows.ts';
import { groupText } from './text.ts';

/** By what rules are put together. */
interface Grouping {
  /** Of one, for people. */
  readonly noun: string;
  /** Empty where nobody tells. */
  readonly of: (rule: PageRule) => string;
  readonly title: (rule: PageRule) => string;
  /** What asks for these rules alone. */
  readonly filter: (key: string) => Partial<Filter>;
}

const told = (of: (rule: PageRule) => string, noun: string, field: keyof Filter): Grouping => ({
  noun,
  of,
  title: (rule) => of(rule) || `No ${noun} told`,
  filter: (key) => ({ [field]: key === '' ? UNTOLD : key }),
});

export const GROUPINGS = {
  owner: told(ownerName, 'owner', 'owner'),
  account: told(({ accountId = '' }) => accountId, 'account', 'accountId'),
  region: told(({ region = '' }) => region, 'Region', 'region'),
  vpc: told(({ vpcId = '' }) => vpcId, 'VPC', 'vpcId'),
  group: { ...told(({ groupId }) => groupId, 'group', 'groupId'), title: groupText },
  verdict: {
    ...told(({ verdict }) => verdict.kind, 'verdict', 'verdict'),
    title: ({ verdict }) => VERDICT_NAME[verdict.kind],
  },
} as const satisfies Readonly<Record<string, Grouping>>;

export type GroupBy = keyof typeof GROUPINGS;

/** Rules of one owner, account, Region, VPC, group or verdict. */
export interface RowGroup {
  readonly key: string;
  readonly title: string;
  /** In the order of the table. */
  readonly rows: readonly RuleRow[];
  readonly stale: number;
  readonly redundant: number;
  readonly tooWide: number;
}

/** The most to decide first, then by name; verdicts in their own order. */
export function groupRows(rows: readonly RuleRow[], by: GroupBy): RowGroup[] {
  const { of, title } = GROUPINGS[by];
  const found = [...Map.groupBy(rows, ({ rule }) => of(rule))].map(([key, some]): RowGroup => {
    const number = (fits: (rule: PageRule) => boolean): number => some.filter(({ rule }) => fits(rule)).length;
    return {
      key,
      title: title(some[0]!.rule),
      rows: some,
      stale: number(({ verdict }) => verdict.kind === 'stale'),
      redundant: number(({ verdict }) => verdict.kind === 'redundant'),
      tooWide: number(isTooWide),
    };
  });
  const toDecide = ({ stale, redundant, tooWide }: RowGroup): number => stale + redundant + tooWide;
  const place = ({ key }: RowGroup): number => (by === 'verdict' ? VERDICT_KINDS.findIndex((kind) => kind === key) : 0);
  return found.sort(
    (a, b) =>
      place(a) - place(b) || toDecide(b) - toDecide(a) || (a.title.toLowerCase() < b.title.toLowerCase() ? -1 : 1),
  );
}
