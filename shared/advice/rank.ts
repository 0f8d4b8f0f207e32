/** How urgently a person should look at a rule: how exposed × how unused, 0 to 100. */
export interface Rank {
  /** `100 × exposure × idleness`, to one decimal. */
  readonly score: number;
  /** 0 to 1: how much a rule would let in that nobody needs. */
  readonly exposure: number;
  /** 0 to 1: 0 for a rule that was used today, 1 for one that is unused as far as can be known. */
  readonly idleness: number;
}
