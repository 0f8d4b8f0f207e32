import type { ProposedRule } from '../../../../shared/advice/narrowing/narrower.ts';
import type { JudgedRule } from '../../../../shared/advice/judged-rule.ts';
import type { CodeOwner } from '../../../../shared/advice/removal/managed-by.ts';
import type { Plan } from '../../../../shared/advice/removal/plan.ts';
import { stackOfRule, type StackFacts } from '../../../../shared/code/cloudformation/stack-of-rule.ts';
import type { TerraformChanges } from '../../../../shared/code/terraform/changes.ts';
import type { TerraformCode } from '../../../../shared/code/terraform/code.ts';
import type { TerraformState } from '../../../../shared/code/terraform/state.ts';
import { terraformChanges, type ChangedRule } from '../../../../shared/code/terraform/terraform-changes.ts';
import type { Inventory, Rule } from '../../../../shared/inventory/inventory.ts';
import { readStackFacts, readTerraformCode, readTerraformStates } from '../../files/read-code.ts';

export interface CodeOptions {
  /** What `terraform show -json` printed, a state each. */
  readonly terraform?: readonly string[];
  /** A folder of `*.tf`. */
  readonly terraformDir?: string;
  /** What `aws cloudformation describe-stack-resources` printed. */
  readonly stackResources?: readonly string[];
  readonly cdkOut?: string;
}

/** What infrastructure as code tells of the rules. */
export class CodeAtHand {
  readonly #states: readonly TerraformState[];
  readonly #code: TerraformCode | undefined;
  readonly #facts: StackFacts | undefined;
  readonly #inventory: Inventory;
  /** Of resources of Terraform, by the id of a rule that they declare. */
  readonly #addresses: ReadonlyMap<string, readonly string[]>;

  private constructor(
    inventory: Inventory,
    states: readonly TerraformState[],
    code: TerraformCode | undefined,
    facts: StackFacts | undefined,
  ) {
    this.#inventory = inventory;
    this.#states = states;
    this.#code = code;
    this.#facts = facts;
    this.#addresses = addressesOf(inventory, states, code);
  }

  /** @throws Error of one line that names the file that is not what it should be */
  static async read(
    { terraform = [], terraformDir, stackResources = [], cdkOut }: CodeOptions,
    inventory: Inventory,
  ): Promise<CodeAtHand> {
    const states = await readTerraformStates(terraform);
    const code = terraformDir === undefined ? undefined : await readTerraformCode(terraformDir);
    const hasFacts = stackResources.length > 0 || cdkOut !== undefined;
    return new CodeAtHand(inventory, states, code, hasFacts ? await readStackFacts(stackResources, cdkOut) : undefined);
  }

  /** Who declares a rule. */
  ownersOf(rule: Rule): readonly CodeOwner[] {
    return [
      ...(this.#addresses.get(rule.ruleId) ?? []).map((address) => {
        return { tool: 'Terraform', note: `${address} declares it: change it there, as terraform.md says` };
      }),
      ...this.#stackOwner(rule),
    ];
  }

  #stackOwner(rule: Rule): CodeOwner[] {
    const place = this.#facts && stackOfRule(rule, this.#inventory.groups.get(rule.groupId), this.#facts);
    if (!place) return [];
    const { stack, logicalId, of, constructPath } = place;
    const construct = constructPath === undefined ? '' : `, construct ${constructPath}`;
    const note = `the stack ${stack} declares its ${of} as ${logicalId}${construct}: change it there`;
    return [{ tool: constructPath === undefined ? 'CloudFormation' : 'CDK', note }];
  }

  /**
   * What to change in Terraform's code of what the plan lets go, and of rules that could be narrower; undefined where no state
   * was given.
   */
  changes({ stages, inCode }: Plan, judged: readonly JudgedRule[]): TerraformChanges | undefined {
    if (this.#states.length === 0) return undefined;
    const going = new Set([...stages.flatMap(({ removals }) => removals), ...inCode].map(({ rule }) => rule.ruleId));
    const managed = new Set(inCode.map(({ rule }) => rule.ruleId));
    const changed = judged.flatMap(({ rule, report }): ChangedRule[] => {
      const isTerraforms = this.#addresses.has(rule.ruleId);
      if (going.has(rule.ruleId)) return isTerraforms || managed.has(rule.ruleId) ? [{ rule }] : [];
      const narrower: readonly ProposedRule[] | undefined = report.narrower?.rules;
      return isTerraforms && narrower ? [{ rule, narrower }] : [];
    });
    return terraformChanges(changed, this.#states, this.#inventory, this.#code);
  }
}

function addressesOf(
  inventory: Inventory,
  states: readonly TerraformState[],
  code: TerraformCode | undefined,
): Map<string, readonly string[]> {
  const addresses = new Map<string, string[]>();
  if (states.length === 0) return addresses;
  const rules = inventory.rules.map((rule) => ({ rule }));
  for (const { state, changes } of terraformChanges(rules, states, inventory, code).pullRequests) {
    for (const { ruleId, address } of changes) {
      addresses.set(ruleId, [...(addresses.get(ruleId) ?? []), `${address} of ${state}`]);
    }
  }
  return addresses;
}
