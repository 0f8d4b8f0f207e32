import type { Fate } from '../../../shared/usage/usage.ts';
import type { NotObservedReason, VerdictKind } from '../../../shared/verdicts/verdict.ts';

interface Expected {
  readonly verdict: {
    readonly kind: VerdictKind;
    readonly reason?: NotObservedReason['reason'];
    readonly unanswered?: boolean;
    readonly coveredBy?: readonly string[];
  };
  readonly usedTimes: number;
  readonly soleTimes: number;
  readonly primaryTimes: number;
  readonly inferredTimes: number;
  readonly replyTimes: number;
  readonly possibleTimes: number;
  readonly untrackedReplies: number;
}

const NONE = {
  usedTimes: 0,
  soleTimes: 0,
  primaryTimes: 0,
  inferredTimes: 0,
  replyTimes: 0,
  possibleTimes: 0,
  untrackedReplies: 0,
};
const idOf = (rule: string): string => `sgr-0a1b2c3d4e5f${rule}`;

/** Admitted these requests alone; all were answered, each by one record, unless `more` says otherwise. */
const active = (times: number, more: Partial<typeof NONE> = {}): Expected => ({
  verdict: { kind: 'active', unanswered: more.replyTimes === 0 },
  ...NONE,
  usedTimes: times,
  soleTimes: times,
  primaryTimes: times,
  replyTimes: times,
  ...more,
});
/** All five queries. Two rules admitted each; a pooled connection shows no flags. */
const shared = (verdict: Expected['verdict'], primaryTimes: number): Expected => ({
  verdict,
  ...NONE,
  usedTimes: 5,
  primaryTimes,
  inferredTimes: 1,
  replyTimes: 5,
});
const unused = (kind: 'stale' | 'unattached' | 'exempt', more: Partial<typeof NONE> = {}): Expected => ({
  verdict: { kind },
  ...NONE,
  ...more,
});
const notObserved = (reason: NotObservedReason['reason'], possibleTimes = 0): Expected => ({
  verdict: { kind: 'notObserved', reason },
  ...NONE,
  possibleTimes,
});

/**
 * What the program must say of every rule of the sample, worked out by hand while its records were written.
 * The sample's README says why.
 */
export const EXPECTED: ReadonlyMap<string, Expected> = new Map(
  Object.entries({
    // One visitor is seen in mid-connection only.
    60101: active(24, { inferredTimes: 1 }),
    60102: active(1),
    60103: unused('stale'),
    60104: active(3, { replyTimes: 0 }),
    // Once to an app server that the inventory does not have: no other rule could have let that out.
    60105: active(11, { inferredTimes: 1 }),
    // The answer to the one IPv6 visitor.
    60106: unused('stale', { untrackedReplies: 1 }),
    // What came to the app server that is gone may have come by this one.
    60201: active(10, { possibleTimes: 1 }),
    // The session that outlived its rule may have been with any group's member of then: two records.
    60202: active(1, { possibleTimes: 2 }),
    60203: unused('stale'),
    // Three questions to the time server and their answers.
    60204: notObserved('onlyPossibleUse', 6),
    // A backup's second minute has no flags.
    60205: active(3, { inferredTimes: 1 }),
    // Once to somebody who may be on the unknown list: a request and its answer.
    60206: notObserved('onlyPossibleUse', 2),
    // A pooled connection shows no flags.
    60207: active(5, { inferredTimes: 1 }),
    // UDP.
    60208: active(3, { inferredTimes: 3 }),
    60209: notObserved('neverLogged'),
    // A group member is a host, which is longer than the other's /16.
    60301: shared({ kind: 'redundant', coveredBy: [idOf('60302')] }, 5),
    // It alone was never seen to work: nobody knows whether the reference to a group would.
    60302: shared({ kind: 'active', unanswered: false }, 0),
    60303: unused('stale'),
    // The session again: without flags it may have been one that the other end answered.
    60304: notObserved('onlyPossibleUse', 2),
    // One session in two records, the second without flags.
    60401: active(2, { inferredTimes: 1 }),
    60402: unused('stale'),
    60403: active(1),
    60404: unused('exempt'),
    60405: notObserved('notWatched'),
    60501: active(3),
    60502: unused('stale'),
    60601: unused('unattached'),
    // The session again, of whatever group.
    60701: notObserved('onlyPossibleUse', 2),
    60702: active(2, { possibleTimes: 2 }),
    60801: notObserved('sharedGroup'),
  } satisfies Record<string, Expected>).map(([rule, expected]) => [idOf(rule), expected]),
);

/** What must become of the sample's records. */
export const EXPECTED_RECORDS: Readonly<Record<Fate | 'total' | 'requests' | 'replies', number>> = {
  total: 333,
  noData: 142,
  skipData: 1,
  malformed: 1,
  otherAccount: 0,
  duplicateLog: 10,
  rejected: 15,
  unknownInterface: 1,
  noGroup: 14,
  unknownDirection: 0,
  possible: 1,
  unexplained: 3,
  attributed: 145,
  requests: 76,
  replies: 73,
};
