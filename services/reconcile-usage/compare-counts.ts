import { total } from '../../shared/usage/missing-records.ts';
import type { RuleDay, Usage } from '../../shared/usage/usage.ts';
import type { Day } from '../../shared/time.ts';

/** Of a day, what the stream and the night differ in, night minus stream. */
export interface Drift {
  readonly records: number;
  readonly requests: number;
  readonly replies: number;
  /** Rules whose counters differ, the largest difference first, at most {@link DRIFTING_RULES}. */
  readonly rules: readonly RuleDrift[];
  readonly driftingRules: number;
  /**
   * Share of the requests and replies credited by either that were credited to another rule: 0 to 1. Records of interfaces that
   * the night has found and the stream could not know are none of them; each of them counts as so many credits as a
   * record of that night has on average.
   */
  readonly share: number;
}

export interface RuleDrift {
  readonly ruleId: string;
  readonly usedTimes: number;
  readonly replyTimes: number;
  readonly possibleTimes: number;
}

const DRIFTING_RULES = 1000;

/** Of the accepted records, the share of interfaces that no snapshot has; null if there are none. */
export function unknownShareOf(fates: Usage['fates']): number | null {
  const { unknownInterface, noGroup, unknownDirection, possible, unexplained, attributed } = fates;
  const accepted = unknownInterface + noGroup + unknownDirection + possible + unexplained + attributed;
  return accepted === 0 ? null : unknownInterface / accepted;
}

export function driftOf(streamed: Usage, night: Usage, day: Day): Drift {
  const rules: RuleDrift[] = [];
  let [moved, gained, credited, byNight] = [0, 0, 0, 0];
  for (const ruleId of new Set([...streamed.rules.keys(), ...night.rules.keys()])) {
    const [a, b] = [streamed.rules.get(ruleId)?.get(day), night.rules.get(ruleId)?.get(day)];
    const difference = {
      usedTimes: times(b, 'usedTimes') - times(a, 'usedTimes'),
      replyTimes: times(b, 'replyTimes') - times(a, 'replyTimes'),
      possibleTimes: times(b, 'possibleTimes') - times(a, 'possibleTimes'),
    };
    const apart = Math.abs(difference.usedTimes) + Math.abs(difference.replyTimes);
    moved += apart;
    gained += Math.max(0, difference.usedTimes) + Math.max(0, difference.replyTimes);
    const creditedByNight = times(b, 'usedTimes') + times(b, 'replyTimes');
    byNight += creditedByNight;
    credited += Math.max(times(a, 'usedTimes') + times(a, 'replyTimes'), creditedByNight);
    if (apart + Math.abs(difference.possibleTimes) > 0) rules.push({ ruleId, ...difference });
  }
  const found = Math.max(0, streamed.fates.unknownInterface - night.fates.unknownInterface);
  const byFound = Math.min(gained, (found * byNight) / Math.max(1, night.requests + night.replies));
  rules.sort((a, b) => size(b) - size(a) || (a.ruleId < b.ruleId ? -1 : 1));
  return {
    records: total(night) - total(streamed),
    requests: night.requests - streamed.requests,
    replies: night.replies - streamed.replies,
    rules: rules.slice(0, DRIFTING_RULES),
    driftingRules: rules.length,
    share: credited <= byFound ? 0 : Math.min(1, (moved - byFound) / (credited - byFound)),
  };
}

function size({ usedTimes, replyTimes, possibleTimes }: RuleDrift): number {
  return Math.abs(usedTimes) + Math.abs(replyTimes) + Math.abs(possibleTimes);
}

function times(use: RuleDay | undefined, field: 'usedTimes' | 'replyTimes' | 'possibleTimes'): number {
  return use?.[field] ?? 0;
}
