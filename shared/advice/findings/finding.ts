/** What the inventory alone shows, without a look at traffic. Closed: who switches over `kind` handles all. */
export type Finding =
  /** A group on no interface, to which no rule of another group refers. Launch templates and services may still name it. */
  | {
      readonly kind: 'groupOnNoInterface';
      readonly groupId: string;
      readonly groupName: string;
      readonly rules: number;
    }
  /** A rule that refers to a group that is gone, or reaches it by a peering connection that is. */
  | { readonly kind: 'danglingReference'; readonly ruleId: string; readonly groupId: string; readonly detail: string }
  /** Whatever the rule can admit, these rules admit as well, together. */
  | {
      readonly kind: 'coveredByRules';
      readonly ruleId: string;
      /** By ascending id; none of them may be left out. */
      readonly coveredBy: readonly string[];
      /**
       * `group`: they are of the rule's own group, so it holds wherever the group goes. `interfaces`: they are of other
       * groups of the interfaces that carry the group now, and an interface without these groups would need the rule.
       */
      readonly within: 'group' | 'interfaces';
      /**
       * Other rules found covered lean on this one, so it may not go with them. All rules found whose `mustStay` is
       * false may go together.
       */
      readonly mustStay: boolean;
      /** Prefix lists whose entries, which may change, make it so. By ascending id. */
      readonly restsOnLists: readonly string[];
    }
  /** Rules of one group that say the very same. By ascending id; all but the first may go. */
  | { readonly kind: 'duplicateRules'; readonly groupId: string; readonly ruleIds: readonly string[] }
  /** Ingress from every address to a service that is not meant for strangers. */
  | { readonly kind: 'openToWorld'; readonly ruleId: string; readonly service: string };

export type FindingKind = Finding['kind'];

/** A finding in the list that a person works through. */
export interface RankedFinding {
  readonly finding: Finding;
  /** 0 to 100, as the ranks of rules are; larger comes first. */
  readonly rank: number;
  /** One sentence. Holds text of others (names): escape it where it is shown. */
  readonly text: string;
}
