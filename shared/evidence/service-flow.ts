import type { FoldedFlow } from '../attribution/flow-fold.ts';
import type { Address } from '../addresses/address.ts';
import type { Direction } from '../protocols.ts';

/** What is summed up of a flow: what each means is said there. */
type FlowSum = 'requests' | 'replies' | 'inferred' | 'packets' | 'bytes' | 'first' | 'last';

/** What a request and its replies fold into, of one UTC day: nothing that was accepted is left out or rounded. */
export interface ServiceFlow extends Pick<FoldedFlow, FlowSum> {
  readonly interfaceId: string;
  /** Of the rules: that of the connection's first packet. */
  readonly direction: Direction;
  readonly protocol: number;
  readonly peer: string;
  /** Service port; 0 for protocols without ports. */
  readonly port: number;
  /** The rules that admit it, by ascending id; empty where none does. */
  readonly ruleIds: readonly string[];
  /** The rules that could admit it, where none is known to. */
  readonly possibleRuleIds: readonly string[];
  /**
   * By ascending id: other rules that may have admitted some of its records, were these read the wrong way (another
   * opener, the other address). They got possible use by it.
   */
  readonly unclearRuleIds: readonly string[];
  /** Rules of the other direction by which its replies pass, since security groups do not track its connections. */
  readonly untrackedRuleIds: readonly string[];
}

/**
 * The same as it is handed on in memory, where its peer need not be a text. Lists of ids that say the same are mostly the
 * same list.
 */
export type HandedFlow = Omit<ServiceFlow, 'peer'> & { readonly peer: string | Readonly<Address> };
