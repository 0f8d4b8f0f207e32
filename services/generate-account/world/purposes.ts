/** Why a rule is needed, and what keeps it from being plain. */
export type NeededBecause =
  /** The records show its requests, of interfaces that are known. */
  | 'ordinary'
  /** Interfaces that no inventory shows used it. */
  | 'unknownInterface'
  /** The address of its peer belongs to another interface by now. */
  | 'addressReused'
  /** On the way lies a middlebox, so that the rule with a group, which seems to admit the same, does not. */
  | 'middlebox'
  /** The interface that used it, or its peer, has other groups by now. */
  | 'movedGroup'
  /** The entry of its prefix list by which it was used is gone. */
  | 'changedList'
  /** Used once in a long time. */
  | 'rareUse'
  /** Used at hours of which no log file is there. */
  | 'hoursNotHeard'
  /** The client keeps a port that other rules name, such as 123, 53 or 161. */
  | 'keptPort'
  /** The client takes a port below 1024. */
  | 'reservedPort'
  /** The server opens connections to those who call it. */
  | 'speaksFirst'
  /** An answer that comes when nothing of its request is tracked any more. */
  | 'lateAnswer'
  /** Its interface has not sent or received anything, and will. */
  | 'warmStandby'
  /** The service refuses to work without it, used or not. */
  | 'demandedByService'
  /** The inventory does not tell who its peers are. */
  | 'unknownPeers'
  /** No record that counts tells of it. */
  | 'unseen';

/** What a rule is there for. The simulation proves each but an `ordinary` use at its end, or fails. */
export type Purpose =
  /** Meant to be used; a short run may yet never use it. */
  | { readonly kind: 'used'; readonly because: NeededBecause }
  /** Admits nothing, and must stand all the same. */
  | { readonly kind: 'awaited'; readonly because: NeededBecause }
  /**
   * Admits nothing. `observed` where the logs that are written could tell: `asIfOld` where what it names is younger than the
   * run, which the inventory of its end does not tell.
   */
  | { readonly kind: 'stale'; readonly why: string; readonly observed: boolean | 'asIfOld' }
  /** Admits nothing: AWS ignores its reference to a group on the only way that its members come. */
  | { readonly kind: 'void' }
  /** Never the only rule that admits a request. `cover`: `group|rule` shorthand of the rules that also admit all of it. */
  | { readonly kind: 'redundant'; readonly cover: readonly string[] }
  /** Admits requests until a time of the run (UNIX seconds), and none after. */
  | { readonly kind: 'quiet'; readonly since: number }
  /** Its group is on no interface. */
  | { readonly kind: 'unattached' }
  /** Admits requests, all of them from peers that the inventory cannot tie to the rule. */
  | { readonly kind: 'onlyPossible'; readonly why: string }
  /** Admits requests, none of them in a record that counts: unlogged, or on interfaces the inventory does not show. */
  | { readonly kind: 'unseen'; readonly why: string }
  /** What an edit in place replaced: no longer in the inventory. */
  | { readonly kind: 'replaced' };

export const USED = used('ordinary');
export const UNATTACHED: Purpose = { kind: 'unattached' };
export const VOID: Purpose = { kind: 'void' };

export function used(because: NeededBecause): Purpose {
  return { kind: 'used', because };
}

export function awaited(because: NeededBecause): Purpose {
  return { kind: 'awaited', because };
}

export function stale(why: string, observed: boolean | 'asIfOld' = true): Purpose {
  return { kind: 'stale', why, observed };
}

/** `cover`: `group|rule`, each of which alone admits all that this rule admits here. */
export function redundant(...cover: string[]): Purpose {
  return { kind: 'redundant', cover };
}

export function onlyPossible(why: string): Purpose {
  return { kind: 'onlyPossible', why };
}

export function unseen(why: string): Purpose {
  return { kind: 'unseen', why };
}
