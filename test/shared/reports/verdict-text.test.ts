import { describe, expect, test } from '@jest/globals';
import { verdictText } from '../../../shared/reports/verdict-text.ts';
import { VERDICT_KINDS, type Verdict } from '../../../shared/verdicts/verdict.ts';

const seen = (usedTimes: number, inferredTimes: number, replyTimes: number, untrackedReplies = 0) => ({
  usedTimes,
  inferredTimes,
  replyTimes,
  untrackedReplies,
});
const NOTHING = seen(0, 0, 0);
const ACTIVE: Verdict = { kind: 'active', unanswered: false };
const redundant = (...coveredBy: string[]): Verdict => ({ kind: 'redundant', coveredBy, ageUnknown: false });

const ROWS: readonly (readonly [says: string, verdict: Verdict, use?: ReturnType<typeof seen>])[] = [
  ['used', ACTIVE, seen(5, 0, 5)],
  ['used', ACTIVE, seen(5, 4, 5)],
  ['used, as far as ports and rules tell', ACTIVE, seen(5, 5, 5)],
  ['used: only replies were seen', ACTIVE, seen(0, 0, 5)],
  ['used: no reply was seen (as with scans)', { kind: 'active', unanswered: true }, seen(5, 0, 0)],
  [
    'used, as far as ports and rules tell: no reply was seen (as with scans)',
    { kind: 'active', unanswered: true },
    seen(5, 5, 0),
  ],
  ['used; never alone, each time sgr-2 admitted the same', redundant('sgr-2'), seen(5, 0, 5)],
  [
    'used; never alone, each time at least one of sgr-2, sgr-3 admitted the same',
    redundant('sgr-2', 'sgr-3'),
    seen(5, 0, 5),
  ],
  ['used: only replies were seen; never alone, each time sgr-2 admitted the same', redundant('sgr-2'), seen(0, 0, 5)],
  [
    'used; never alone, each time sgr-2 admitted the same; how old the rule is, is unknown',
    { kind: 'redundant', coveredBy: ['sgr-2'], ageUnknown: true },
    seen(5, 0, 5),
  ],
  ['unused', { kind: 'stale', ageUnknown: false }],
  ['unused; how old the rule is, is unknown', { kind: 'stale', ageUnknown: true }],
  [
    'unused; no interface and no other group names its group (launch templates, Lambda, ECS, RDS or services scaled to zero may)',
    { kind: 'unattached', ageUnknown: false },
  ],
  [
    'unused; no interface and no other group names its group (launch templates, Lambda, ECS, RDS or services scaled to zero may)' +
      '; how old the rule is, is unknown',
    { kind: 'unattached', ageUnknown: true },
  ],
  ['unused, but only known since 2026-01-31T00:00:00Z', { kind: 'tooYoung', since: '2026-01-31T00:00:00Z' }],
  ['kept on purpose: audit', { kind: 'exempt', reason: 'audit', until: null, owner: null }],
  ['kept on purpose until 2026-03-31: audit', { kind: 'exempt', reason: 'audit', until: '2026-03-31', owner: null }],
  ['kept on purpose until 2026-03-31', { kind: 'exempt', reason: '', until: '2026-03-31', owner: null }],
  ['kept on purpose', { kind: 'exempt', reason: '', until: null, owner: null }],
  ['cannot be matched: no peer', { kind: 'notObserved', reason: 'unmatchable', detail: 'no peer' }],
  [
    'no sure use, but 1 record that it may have admitted',
    { kind: 'notObserved', reason: 'onlyPossibleUse', possibleTimes: 1 },
  ],
  [
    'no sure use, but 2 records that it may have admitted',
    { kind: 'notObserved', reason: 'onlyPossibleUse', possibleTimes: 2 },
  ],
  [
    'flow logs read for 0 of 1 interface-day',
    { kind: 'notObserved', reason: 'notCovered', observedDays: 0, interfaceDays: 1 },
  ],
  [
    'flow logs read for 1 of 30 interface-days',
    { kind: 'notObserved', reason: 'notCovered', observedDays: 1, interfaceDays: 30 },
  ],
  ['1 of 1 record told of skipped data', { kind: 'notObserved', reason: 'skippedData', skipped: 1, records: 1 }],
  ['1 of 50 records told of skipped data', { kind: 'notObserved', reason: 'skippedData', skipped: 1, records: 50 }],
  [
    '3 of 50 accepted records came from unknown interfaces',
    { kind: 'notObserved', reason: 'unknownInterfaces', unknown: 3, accepted: 50 },
  ],
  ['flow logs never show its traffic (DHCP)', { kind: 'notObserved', reason: 'neverLogged', detail: 'DHCP' }],
  [
    'its group is also in vpc-2, whose logs are not here',
    { kind: 'notObserved', reason: 'sharedGroup', vpcId: 'vpc-2' },
  ],
];

describe('why a verdict is what it is', () => {
  test.each(ROWS)('%s', (says, verdict, use = NOTHING) => {
    expect(verdictText(verdict, use)).toBe(says);
  });

  test.each(ROWS)('%s; and what removing the rule would cut', (says, verdict, use = NOTHING) => {
    expect(verdictText(verdict, { ...use, untrackedReplies: 1 })).toBe(
      `${says}; replies of untracked connections pass by it: removing it cuts those that are open`,
    );
  });

  test('every kind has its row', () => {
    expect(new Set(ROWS.map(([, { kind }]) => kind))).toEqual(new Set(VERDICT_KINDS));
  });
});
