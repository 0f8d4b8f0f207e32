import { ruleContent } from '../../inventory/content.ts';
import type { Rule } from '../../inventory/inventory.ts';
import { withoutKeys } from './code.ts';
import { declaredRules, type DeclaredRule } from './declared-rules.ts';
import type { StateResource, TerraformState } from './state.ts';

/** A resource of a state with all that it declares. */
export interface Owner {
  readonly state: TerraformState;
  readonly resource: StateResource;
  readonly declared: readonly DeclaredRule[];
}

interface Declaration {
  readonly owner: Owner;
  /** Which of what the owner declares. */
  readonly declared: DeclaredRule;
}

/** Where a rule is declared. */
export interface Ownership extends Declaration {
  /** Whether the state has another content under its id, or its content under another id: it was changed since. */
  readonly isOld: boolean;
}

/** Where rules are declared, in several states. */
export class RuleOwners {
  readonly #byId = new Map<string, Declaration[]>();
  readonly #byContent = new Map<string, Declaration[]>();
  /** Of groups that have rules in resources of their own. */
  readonly #apart = new Set<string>();
  readonly #groups = new Set<string>();
  /** By state and address without keys. */
  readonly #instances = new Map<string, Owner[]>();
  /** By rule id, addresses of lists of the only rules. */
  readonly #listedBy = new Map<string, string[]>();

  constructor(states: readonly TerraformState[]) {
    const owners = states.flatMap((state) =>
      state.resources.map((resource) => ({ state, resource, declared: declaredRules(resource.values) })),
    );
    for (const owner of owners) {
      const { address, values } = owner.resource;
      addTo(this.#instances, instanceKey(owner), owner);
      if (values.type === 'aws_vpc_security_group_rules_exclusive') {
        const { ingress_rule_ids, egress_rule_ids } = values.values;
        const ids = [...(ingress_rule_ids ?? []), ...(egress_rule_ids ?? [])].filter((id) => id !== null);
        for (const id of new Set(ids)) addTo(this.#listedBy, id, address);
      } else if ('vpc_id' in values.values) this.#groups.add(values.values.id ?? '');
      for (const declared of owner.declared) {
        const { rule, place } = declared;
        const found = { owner, declared };
        if (rule.ruleId !== '') addTo(this.#byId, rule.ruleId, found);
        addTo(this.#byContent, ruleContent(rule), found);
        if (!place.block) this.#apart.add(rule.groupId);
      }
    }
  }

  /** All that the code of a resource makes in its state: the instances of it, and of its modules. */
  instancesOf(owner: Owner): readonly Owner[] {
    return this.#instances.get(instanceKey(owner)) ?? [];
  }

  /** Addresses of `aws_vpc_security_group_rules_exclusive` that list the rule. */
  listedBy(ruleId: string): readonly string[] {
    return this.#listedBy.get(ruleId) ?? [];
  }

  /** Whether some state has the group itself. */
  hasGroup(groupId: string): boolean {
    return this.#groups.has(groupId);
  }

  /**
   * Where the rule is declared; several where several resources claim it. A group that has no blocks of its own shows all
   * its rules in its state (`ingress` and `egress` are computed then): of a rule in a resource of its own that is no more
   * than an echo, and so is of a group that has such resources whatever else it shows, as both together are not supported.
   */
  of(rule: Rule): Ownership[] {
    const content = ruleContent(rule);
    const found = new Set([...(this.#byId.get(rule.ruleId) ?? []), ...(this.#byContent.get(content) ?? [])]);
    const all = [...found].map(({ owner, declared }) => {
      const { ruleId } = declared.rule;
      return { owner, declared, isOld: ruleContent(declared.rule) !== content || !['', rule.ruleId].includes(ruleId) };
    });
    if (!this.#apart.has(rule.groupId)) return all;
    return all.filter(({ owner, declared }) => !declared.place.block || isAbsolute(owner));
  }
}

function instanceKey({ state, resource }: Owner): string {
  return JSON.stringify([state.name, withoutKeys(resource.address)]);
}

/** A default group's blocks are all its rules: the provider removes any other. */
function isAbsolute({ resource }: Owner): boolean {
  return resource.values.type === 'aws_default_security_group';
}

function addTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
