import { BlockList, isIPv6 } from 'node:net';
import type { ProposedRule } from '../../shared/advice/narrowing/narrower.ts';
import type { RuleReport } from '../../shared/reports/schema.ts';
import type { RuleExpectation } from './expectation.ts';
import { numberInRule } from './format.ts';
import type { Results } from './run-steps.ts';

type Narrowing = Extract<RuleExpectation, { readonly kind: 'admits' }>;

/** What was said of the rules. */
class Said {
  readonly #rules: ReadonlyMap<string, RuleReport>;
  /** The stage of the plan in which a rule goes. */
  readonly #stages: ReadonlyMap<string, number>;

  constructor(rules: readonly RuleReport[], results: Results) {
    this.#rules = new Map(rules.map((rule) => [rule.ruleId, rule]));
    const stages = results.get('plan')?.plan?.stages ?? [];
    this.#stages = new Map(
      stages.flatMap(({ number, removals }) => removals.map(({ rule }) => [rule.ruleId, number] as const)),
    );
  }

  rule(id: string): RuleReport | undefined {
    return this.#rules.get(id);
  }

  kind(id: string): RuleReport['verdict']['kind'] | 'unlisted' {
    return this.rule(id)?.verdict.kind ?? 'unlisted';
  }

  stage(id: string): number | undefined {
    return this.#stages.get(id);
  }

  isPlanned(id: string): boolean {
    return this.#stages.has(id);
  }

  /** `sgr-0a is notObserved (notCovered)` */
  of(id: string): string {
    const rule = this.rule(id);
    return `${id} ${rule ? `is ${verdictText(rule)}` : 'is not listed'}`;
  }
}

/** The verdict, and its reason where it has one. */
export function verdictText({ verdict }: RuleReport): string {
  const reason = 'reason' in verdict ? verdict.reason : '';
  return verdict.kind + (reason === '' ? '' : ` (${reason})`);
}

/** Why the report and the plan do not agree with what is true of rules; empty where they do, or where there is no report. */
export function ruleReasons(expectation: RuleExpectation, results: Results): string[] {
  const usage = results.get('analyze')?.usage;
  if (!usage) return [];
  const said = new Said(usage.rules, results);
  switch (expectation.kind) {
    case 'needed':
      return expectation.rules
        .filter((id) => ['stale', 'unlisted'].includes(said.kind(id)) || said.isPlanned(id))
        .map((id) => said.of(id) + (said.isPlanned(id) ? `, planned in stage ${said.stage(id)!}` : ''));
    case 'notPlanned':
      return expectation.rules
        .filter((id) => said.isPlanned(id))
        .map((id) => `${id} is planned in stage ${said.stage(id)!}`);
    case 'useful':
      return expectation.rules.filter((id) => said.kind(id) !== 'stale').map((id) => `${said.of(id)}, not stale`);
    case 'removable':
      return expectation.rules.flatMap((id) => {
        if (!['stale', 'redundant'].includes(said.kind(id))) return [`${said.of(id)}, not stale or redundant`];
        return said.isPlanned(id) ? [] : [`${said.of(id)}, and not planned`];
      });
    case 'oneRemovable':
      return oneRemovableReasons(expectation.rules, said);
    case 'verdict': {
      const { rule, verdicts } = expectation;
      const isRight = verdicts.some((kind) => kind === said.kind(rule));
      return isRight ? [] : [`${said.of(rule)}, not ${verdicts.join(' or ')}`];
    }
    case 'usedTimes': {
      const used = said.rule(expectation.rule)?.usedTimes ?? 0;
      return used === expectation.times ? [] : [`${expectation.rule} was used ${used} times, not ${expectation.times}`];
    }
    case 'admits':
      return narrowingReasons(expectation, said);
  }
}

function oneRemovableReasons(ids: readonly string[], said: Said): string[] {
  const all = ids.join(', ');
  const planned = ids.filter((id) => said.isPlanned(id));
  return [
    ...(ids.every((id) => said.kind(id) === 'redundant')
      ? []
      : [`${all}: ${ids.map((id) => said.kind(id)).join(', ')}, not redundant`]),
    ...(planned.length === ids.length - 1
      ? []
      : [`of ${all} the plan takes ${planned.join(', ') || 'none'}, not all but one`]),
  ];
}

function narrowingReasons(needed: Narrowing, said: Said): string[] {
  const narrower = said.rule(needed.rule)?.narrower;
  if (!narrower || narrower.caveats.length > 0) return [];
  if (narrower.rules.some((rule) => admits(rule, needed))) return [];
  const { rule, protocol, port, peer } = needed;
  return [`a narrower ${rule} without caveat shuts out protocol ${protocol} port ${port} of ${peer}`];
}

function admits({ protocol, ports, peer }: ProposedRule, needed: Narrowing): boolean {
  const isOfProtocol = (numberInRule(protocol) ?? needed.protocol) === needed.protocol;
  const hasPort = !ports || (ports.from <= needed.port && needed.port <= ports.to);
  return (
    isOfProtocol && hasPort && (peer.type === 'group' || peer.type === 'prefixList' || holds(peer.value, needed.peer))
  );
}

function holds(block: string, address: string): boolean {
  const [start, length] = block.split('/') as [string, string];
  const familyOf = (text: string): 'ipv6' | 'ipv4' => (isIPv6(text) ? 'ipv6' : 'ipv4');
  const list = new BlockList();
  list.addSubnet(start, Number(length), familyOf(start));
  return list.check(address, familyOf(address));
}
