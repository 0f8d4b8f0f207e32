import type { RuleContent } from '../world/entities.ts';

/** What one rule content truly admitted. Requests and replies count records, as `usedTimes` does. */
export interface RuleTally {
  /** Records with the opener's direction that count as evidence. */
  requests: number;
  /** Of these, the ones that no other rule admits. */
  soleRequests: number;
  replies: number;
  /** Replies of untracked connections that pass by this rule. */
  untrackedReplies: number;
  /** Requests that are written, but set aside: duplicates, or on interfaces the inventory does not show. */
  requestsSetAside: number;
  /** Requests that no log holds: windows skipped, or accepted where only rejected traffic is logged. */
  requestsUnlogged: number;
  /** Of these two, the ones that no other rule admits. */
  soleRequestsUnseen: number;
  /** UNIX seconds: smallest start and largest end of the counted requests; 0 where there are none. */
  firstRequest: number;
  lastRequest: number;
}

export type Visibility = 'counted' | 'setAside' | 'unlogged';

export class Tally {
  readonly #tallies: RuleTally[];

  constructor(contentCount: number) {
    this.#tallies = Array.from({ length: contentCount }, () => ({
      requests: 0,
      soleRequests: 0,
      replies: 0,
      untrackedReplies: 0,
      requestsSetAside: 0,
      requestsUnlogged: 0,
      soleRequestsUnseen: 0,
      firstRequest: 0,
      lastRequest: 0,
    }));
  }

  of(content: RuleContent): Readonly<RuleTally> {
    return this.#tallies[content.index]!;
  }

  request(admitted: readonly RuleContent[], start: number, end: number, visibility: Visibility): void {
    for (const content of admitted) {
      const tally = this.#tallies[content.index]!;
      if (visibility !== 'counted' && admitted.length === 1) tally.soleRequestsUnseen++;
      if (visibility === 'setAside') tally.requestsSetAside++;
      else if (visibility === 'unlogged') tally.requestsUnlogged++;
      else {
        tally.requests++;
        if (admitted.length === 1) tally.soleRequests++;
        if (tally.firstRequest === 0 || start < tally.firstRequest) tally.firstRequest = start;
        if (end > tally.lastRequest) tally.lastRequest = end;
      }
    }
  }

  /** A reply in a record that counts. */
  reply(admitted: readonly RuleContent[], passing: readonly RuleContent[]): void {
    for (const content of admitted) this.#tallies[content.index]!.replies++;
    for (const content of passing) this.#tallies[content.index]!.untrackedReplies++;
  }
}
