import { parseAddress } from '../../../../shared/addresses/address.ts';
import { daysInRange, type ChosenDays } from '../../../../shared/evidence/evidence-source.ts';
import { FlowExplainer, type FlowExplanation } from '../../../../shared/evidence/explain-flow.ts';
import { FlowSums, type FlowSum } from '../../../../shared/evidence/flow-sums.ts';
import { isFlow, parseFlow, type FlowName } from '../../../../shared/evidence/flow-text.ts';
import { flowsOfRule, type FlowsOfRule } from '../../../../shared/evidence/flows-of-rule.ts';
import type { Inventory } from '../../../../shared/inventory/inventory.ts';
import { CompiledInventory } from '../../../../shared/matching/compiled-inventory.ts';
import { mustBeKnown, openPlace, type EvidencePlace, type PlaceOptions } from '../../evidence/evidence-place.ts';
import type { EvidenceRule, ReportedRule } from '../../evidence/evidence-rules.ts';
import { readInventories } from '../../files/read-inventories.ts';
import { sampleRecords, type SampleRecord } from './explain-samples.ts';

export interface ExplainedRule {
  readonly rule: EvidenceRule;
  /** With a report. */
  readonly reported: ReportedRule | undefined;
  /** Interfaces that carry its group now; undefined without an inventory. */
  readonly interfaces: readonly string[] | undefined;
  readonly evidence: string;
  readonly chosen: ChosenDays;
  readonly flows: FlowsOfRule;
  /** The flows of `flows.admitted` with the most requests, and what the rules now say of each. */
  readonly worst: readonly { readonly flow: FlowSum; readonly now: FlowExplanation | string | undefined }[];
}

/**
 * Everything known of one rule.
 *
 * @param most flows that are looked at one by one
 * @throws Error if no rule has the id
 */
export async function explainRule(ruleId: string, options: PlaceOptions, most: number): Promise<ExplainedRule> {
  return within(await openPlace(options), async (place) => {
    mustBeKnown([ruleId], place);
    const { source, standing, rules, reported, inventory } = place;
    const rule = rules.get(ruleId)!;
    const chosen = await daysInRange(source, options);
    const flows = await flowsOfRule(source, chosen.days, standing, ruleId, inventory);
    const explainer = inventory && new FlowExplainer(new CompiledInventory(inventory));
    const worst = flows.admitted
      .flows()
      .slice(0, most)
      .map((flow) => ({ flow, now: explainer?.explain({ ...flow, peer: parseAddress(flow.peer)! }) }));
    const carriers = [...(inventory?.interfaces.values() ?? [])].filter(({ groupIds }) =>
      groupIds.includes(rule.groupId),
    );
    const interfaces = inventory && carriers.map(({ interfaceId }) => interfaceId);
    return { rule, reported: (await reported()).get(ruleId), interfaces, evidence: source.name, chosen, flows, worst };
  });
}

export interface ExplainFlowOptions extends PlaceOptions {
  readonly flow: string;
  /** Flow logs to look for records in. */
  readonly logs?: readonly string[];
}

interface SeenFlow {
  readonly evidence: string;
  readonly chosen: ChosenDays;
  readonly flow: FlowSum | undefined;
}

export interface ExplainedFlow {
  readonly name: FlowName;
  /** A text where the inventory has nothing to say. */
  readonly now: FlowExplanation | string;
  /** Undefined where no evidence was named. */
  readonly seen: SeenFlow | undefined;
  /** Undefined where no logs were. */
  readonly samples: readonly SampleRecord[] | undefined;
}

/**
 * Which rules admit a flow, which is the primary one and why, and what was seen of it.
 *
 * @throws Error that names the part of the flow that is wrong
 */
export async function explainFlow(options: ExplainFlowOptions, most: number): Promise<ExplainedFlow> {
  const name = parseFlow(options.flow);
  if (options.evidence === undefined && options.tables === undefined) {
    return { ...(await ask(name, await readInventories(options.inventory!), options, most)), seen: undefined };
  }
  return within(await openPlace(options), async ({ inventory, source, standing }) => {
    if (!inventory) throw new Error('--flow asks the rules: give --inventory DIR');
    const asked = await ask(name, inventory, options, most);
    const chosen = await daysInRange(source, options);
    const [sums, isThis] = [new FlowSums(), isFlow(name)];
    for (const day of chosen.days) {
      for await (const flow of source.flows(day)) {
        if (isThis(flow)) sums.add(day, flow, standing.idsOfAll(flow.ruleIds));
      }
    }
    return { ...asked, seen: { evidence: source.name, chosen, flow: sums.flows()[0] } };
  });
}

async function ask(name: FlowName, inventory: Inventory, options: ExplainFlowOptions, most: number) {
  const { logs } = options;
  const compiled = new CompiledInventory(inventory);
  const samples = logs && (await sampleRecords({ ...options, logs }, name, compiled, most));
  return { name, now: new FlowExplainer(compiled).explain(name), samples };
}

async function within<T>(place: EvidencePlace, work: (place: EvidencePlace) => Promise<T>): Promise<T> {
  try {
    return await work(place);
  } finally {
    place.close();
  }
}
