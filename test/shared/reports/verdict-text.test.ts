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

type Row = readonly [says: string, verdict: Verdict, use?: ReturnType<typeof seen>];
const ROWS: readonly Row[] = [
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
    'unused; provisional: watched on 30 of 90 days, the next better answer comes on 2026-03-27',
    {
      kind: 'stale',
      ageUnknown: false,
      provisional: { watchedDays: 30, windowDays: 90, nextBetterDay: '2026-03-27', wholeOn: '2026-03-27' },
    },
  ],
  [
    'unused; its group is on no interface (launch templates, Lambda, ECS, RDS or services scaled to zero may name it still)',
    { kind: 'unattached', referred: false, ageUnknown: false },
  ],
  [
    'unused; its group is on no interface, though rules of other groups name it (launch templates, Lambda, ECS, RDS or ' +
      'services scaled to zero may name it still); how old the rule is, is unknown',
    { kind: 'unattached', referred: true, ageUnknown: true },
  ],
  ...(
    [
      ['rule', 'the rule is only known since'],
      ['listEntry', 'its prefix list has an entry that is only known since'],
      ['member', 'the group that it names is on an interface only since'],
      ['interface', 'its group is on an interface only since'],
    ] as const
  ).map(([young, words]): Row => [
    `unused, but ${words} 2026-01-31T00:00:00Z: on 2026-05-01 that is as old as the window`,
    { kind: 'tooYoung', young, since: '2026-01-31T00:00:00Z', nextBetterDay: '2026-05-01' },
  ]),
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
  ...(
    [
      ['missing', 'nothing was read of the others; read their logs too'],
      [
        'notCovered',
        'no active flow log of accepted traffic covers all its interfaces; attach one (to the VPC covers all), or give its files',
      ],
      [
        'hoursMissing',
        'files of the flow log are missing on the others, more than two hours’ worth a day; give all its files, or let it aggregate every minute if it covers few interfaces',
      ],
      [
        'noAccepted',
        'not one accepted record of its VPC was read; attach a flow log of accepted traffic, or give its files',
      ],
      ['tooFewDays', 'that is too few to say anything'],
    ] as const
  ).map(([because, words]): Row => [
    `watched on 1 of 30 days: ${words}`,
    { kind: 'notObserved', reason: 'notWatched', watchedDays: 1, days: 30, because, interfaceId: null },
  ]),
  [
    'unused, but the rule is only known since 2026-01-31T00:00:00Z: wait until that is as old as the window',
    { kind: 'tooYoung', young: 'rule', since: '2026-01-31T00:00:00Z' },
  ],
  [
    'unused; provisional: watched on 30 of 90 days, the next better answer comes on 2026-03-31',
    { kind: 'stale', ageUnknown: false, provisional: { watchedDays: 30, windowDays: 90, wholeOn: '2026-03-31' } },
  ],
  [
    'watched on 3 of 3 days: that is too few to say anything; more can be said on 2026-01-15 at the earliest',
    {
      kind: 'notObserved',
      reason: 'notWatched',
      watchedDays: 3,
      days: 3,
      because: 'tooFewDays',
      interfaceId: null,
      provisional: { watchedDays: 3, windowDays: 90, nextBetterDay: '2026-01-15', wholeOn: '2026-03-28' },
    },
  ],
  [
    'watched on 29 of 30 days, and eni-1 was observed on too few of its own: the flow log skipped records of its interfaces ' +
      'on the others; wait until enough days are whole',
    {
      kind: 'notObserved',
      reason: 'notWatched',
      watchedDays: 29,
      days: 30,
      because: 'skippedData',
      interfaceId: 'eni-1',
    },
  ],
  [
    'its interfaces carried no accepted traffic at all (a standby, a stopped instance): ask whoever owns them',
    { kind: 'notObserved', reason: 'idle' },
  ],
  [
    'nothing carried sg-2, the group that it names: what has that group next may need it',
    { kind: 'notObserved', reason: 'peerAbsent', groupId: 'sg-2' },
  ],
  ['flow logs never show its traffic (DHCP)', { kind: 'notObserved', reason: 'neverLogged', detail: 'DHCP' }],
  [
    'its group is also in vpc-2, whose logs are not here: read them too',
    { kind: 'notObserved', reason: 'sharedGroup', ownerId: null, vpcId: 'vpc-2' },
  ],
  [
    'its group belongs to the account 111122223333, whose interfaces are not all here: ask there',
    { kind: 'notObserved', reason: 'sharedGroup', ownerId: '111122223333', vpcId: null },
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
