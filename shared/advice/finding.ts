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
  /** Whatever the rule can admit, these rules of its own group admit as well, together. */
  | { readonly kind: 'coveredByRules'; readonly ruleId: string; readonly coveredBy: readonly string[] }
  /** Rules of one group that admit the very same. By ascending id. */
  | { readonly kind: 'duplicateRules'; readonly groupId: string; readonly ruleIds: readonly string[] }
  /** Ingress from every address to a service that is not meant for strangers. */
  | { readonly kind: 'openToWorld'; readonly ruleId: string; readonly service: string };

/** A finding in the list that a person works through. */
export interface RankedFinding {
  readonly finding: Finding;
  /** 0 to 100, as the ranks of rules are; larger comes first. */
  readonly rank: number;
  /** One sentence. Holds text of others (names): escape it where it is shown. */
  readonly text: string;
}
