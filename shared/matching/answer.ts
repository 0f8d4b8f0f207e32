import type { Family } from '../addresses/address.ts';
import type { Rule } from '../inventory/inventory.ts';
import { hasPorts, type Direction } from '../protocols.ts';
import { union } from './ascending.ts';
import type { GroupSet } from './compiled-inventory.ts';
import { ALL_PORTS, byPrimacy, type Candidate, type CompiledRule } from './group-side.ts';

/**
 * The answer for all service flows that no rule tells apart: same groups, direction and protocol, peers of one class,
 * ports that the same rules admit. Worked out once, then shared.
 */
export interface Admission {
  /** Dense, counted from 0 since the last {@link Admissions.forget}. */
  readonly slot: number;
  readonly groupSet: GroupSet;
  readonly direction: Direction;
  readonly protocol: number;
  /** Whether any rule admits the flow. */
  readonly admits: boolean;
  /** Every rule that admits it, by ascending rule id. */
  readonly admitting: readonly Rule[];
  /** The same by their {@link CompiledRule.index}, ascending. */
  readonly admittingAt: readonly number[];
  /** Every rule that could admit it but is not known to. */
  readonly could: readonly Rule[];
  readonly couldAt: readonly number[];
  /** Of both, those that may have admitted it beside others, or in their place: see {@link PeerClass.unsure}. */
  readonly unsureAt: readonly number[];
  /** Whether any of the admitting names a group. */
  readonly namesGroup: boolean;
  /**
   * Where no rule admits it: the only one that could, if that names a group that an interface here carries. A connection
   * that is known to have been accepted was accepted by this rule.
   */
  readonly lone: Rule | undefined;
  /** Of the admitting: longest prefix, then narrowest ports, then named protocol, then smallest id. */
  readonly primary: Rule | undefined;
  /** Of the most specific rule that admits or could; Infinity where there is none. */
  readonly specificity: number;
  /** Rules of the other direction by which the replies pass, since the connection is not tracked. */
  readonly untrackedBy: readonly Rule[];
}

/** What an answer is about. */
export interface AskedOf {
  readonly groupSet: GroupSet;
  readonly direction: Direction;
  readonly protocol: number;
  readonly family: Family;
}

/** Rules that could admit, and those that may have beside others. */
export interface Others {
  readonly could: readonly CompiledRule[];
  readonly unsure: readonly CompiledRule[];
}

export const NOBODY_ELSE: Others = { could: [], unsure: [] };

/**
 * What the rules say of a port: for a class of peers within a wider one, what is said of that, and the rules of its own. All that
 * reading a record asks is worked out at once, whatever the number of rules; the rules themselves when somebody asks for them.
 */
export class Answer implements Admission {
  readonly slot: number;
  readonly admits: boolean;
  readonly namesGroup: boolean;
  readonly couldAt: readonly number[];
  readonly unsureAt: readonly number[];
  readonly lone: Rule | undefined;
  readonly specificity: number;
  readonly groupSet: GroupSet;
  readonly direction: Direction;
  readonly protocol: number;
  readonly #family: Family;
  readonly #own: readonly Candidate[];
  readonly #wider: Answer | undefined;
  readonly #best: Candidate | undefined;
  /** Of the inventory, by {@link CompiledRule.index}. */
  readonly #rules: readonly Rule[];
  #admittingAt: readonly number[] | undefined;
  #admitting: readonly Rule[] | undefined;
  #could: readonly Rule[] | undefined;
  #untrackedBy: readonly Rule[] | undefined;

  /**
   * @param own by primacy; at least one where there is a wider class
   * @param others of the widest class; of those within it nothing
   */
  constructor(
    slot: number,
    { groupSet, direction, protocol, family }: AskedOf,
    own: readonly Candidate[],
    wider: Answer | undefined,
    others: Others,
    rules: readonly Rule[],
  ) {
    const { could, unsure } = others;
    const [first] = own;
    const [only, ...more] = could;
    const best = wider ? wider.#best : undefined;
    this.slot = slot;
    this.admits = first !== undefined;
    this.namesGroup = wider?.namesGroup === true || own.some(({ compiled }) => compiled.rule.peer.type === 'group');
    this.couldAt = wider ? wider.couldAt : indexesOf(could);
    this.unsureAt = wider ? wider.unsureAt : indexesOf(unsure);
    this.lone = !this.admits && more.length === 0 && only?.namesCarriedGroup === true ? only.rule : undefined;
    this.specificity = Math.min(leastSpecificity(own), wider ? wider.specificity : leastSpecificity(could.map(alone)));
    this.groupSet = groupSet;
    this.direction = direction;
    this.protocol = protocol;
    this.#family = family;
    this.#own = own;
    this.#wider = wider;
    this.#best = first && best ? (byPrimacy(first, best) < 0 ? first : best) : (first ?? best);
    this.#rules = rules;
  }

  get primary(): Rule | undefined {
    return this.#best?.compiled.rule;
  }

  get admittingAt(): readonly number[] {
    return (this.#admittingAt ??= union(
      indexesOf(this.#own.map(({ compiled }) => compiled)),
      this.#wider?.admittingAt ?? [],
    ));
  }

  get admitting(): readonly Rule[] {
    return (this.#admitting ??= this.admittingAt.map((index) => this.#rules[index]!));
  }

  get could(): readonly Rule[] {
    return (this.#could ??= this.couldAt.map((index) => this.#rules[index]!));
  }

  get untrackedBy(): readonly Rule[] {
    return (this.#untrackedBy ??= this.#findUntrackedBy());
  }

  /**
   * Connections that security groups do not track: TCP or UDP, admitted by a rule open to all addresses, where the other
   * direction has a rule open to all addresses of the family for all ports. Their replies pass by that other rule.
   * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html
   */
  #findUntrackedBy(): readonly Rule[] {
    if (this.#wider) return this.#wider.untrackedBy;
    const { protocol } = this;
    const family = this.#family;
    if (!hasPorts(protocol) || !this.#own.some(({ compiled }) => compiled.openTo[family])) return [];
    const other = this.direction === 'ingress' ? 'egress' : 'ingress';
    const open = this.groupSet.groups
      .flatMap((group) => group[other].open[family])
      .filter(({ rule, width }) => width === ALL_PORTS && fitsProtocol(rule, protocol));
    return indexesOf(open).map((index) => this.#rules[index]!);
  }
}

export function fitsProtocol({ protocolNumber }: Rule, protocol: number): boolean {
  return protocolNumber === undefined || protocolNumber === protocol;
}

/** Of a rule that stands for no prefix. */
function alone(compiled: CompiledRule): Candidate {
  return { compiled, length: 0 };
}

function leastSpecificity(rules: readonly Candidate[]): number {
  let least = Infinity;
  for (const { compiled } of rules) if (compiled.specificity < least) least = compiled.specificity;
  return least;
}

/** Ascending, each once. */
function indexesOf(compiled: readonly CompiledRule[]): readonly number[] {
  const indexes = compiled.map(({ index }) => index);
  if (indexes.length < 2) return indexes;
  indexes.sort((a, b) => a - b);
  return indexes.filter((index, i) => index !== indexes[i - 1]);
}
