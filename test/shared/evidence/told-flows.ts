import { parseAddress } from '../../../shared/addresses/address.ts';
import type { ServiceFlow } from '../../../shared/evidence/service-flow.ts';
import { ServiceFlows } from '../../../shared/evidence/service-flows.ts';
import type { Admission } from '../../../shared/matching/answer.ts';

/** Holds these flows, all of one day. */
export function toldFlows(flows: Iterable<ServiceFlow>, day = 20_000): ServiceFlows {
  const into = new ServiceFlows();
  const rules = (ids: readonly string[]): Admission['admitting'] =>
    ids.map((ruleId) => ({ ruleId }) as Admission['admitting'][number]);
  const admissions = new Map<string, Admission>();
  for (const flow of flows) {
    const { ruleIds, possibleRuleIds, unclearRuleIds, untrackedRuleIds, interfaceId } = flow;
    const key = [ruleIds, possibleRuleIds, untrackedRuleIds].join('/');
    const [admitting, could, untrackedBy] = [rules(ruleIds), rules(possibleRuleIds), rules(untrackedRuleIds)];
    const admission =
      admissions.get(key) ?? ({ admitting, could, untrackedBy, lone: undefined } as Partial<Admission> as Admission);
    admissions.set(key, admission);
    const possible = unclearRuleIds.length === 0 ? [] : [{ slot: 0, rules: rules(unclearRuleIds), rulesAt: [] }];
    const folded = { ...flow, owner: 0, admission: 0, day, peer: parseAddress(flow.peer)!, isCredited: true, possible };
    into.add(folded, interfaceId, admission);
  }
  return into;
}
