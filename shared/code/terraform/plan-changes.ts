import * as z from 'zod';
import { ruleContent } from '../../inventory/content.ts';
import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { shown } from '../../text/plain.ts';
import { groupsLost } from '../groups-lost.ts';
import { RuleChangesOf, type RuleChanges } from '../rule-changes.ts';
import { declaredRules, type GroupNames } from './declared-rules.ts';
import { changeName, type ResourceChange, type TerraformPlan } from './plan.ts';
import { isRuleType, ruleValues, type RuleType, type RuleValues, type ValuesOf } from './values.ts';

/** Types of the provider that change what rules admit, or where, and are no rules: what they do is not looked at. */
const BESIDE = new Set([
  'aws_ec2_managed_prefix_list',
  'aws_ec2_managed_prefix_list_entry',
  'aws_vpc_security_group_vpc_association',
  'aws_network_interface_sg_attachment',
  'aws_cloudformation_stack',
  'aws_cloudformation_stack_set',
  'aws_cloudformation_stack_instances',
]);
/** Of other providers, such as `awscc_ec2_security_group_ingress`, and of later versions of this one. */
const LIKE_RULES = /security_?group|prefix_?list/i;

/** What Terraform may do with a resource; `forget` only drops it from the state. */
const ACTIONS = new Set(['no-op', 'create', 'read', 'update', 'delete', 'forget']);

/**
 * What applying plans does to the rules of the inventory. What is not known before the apply counts as not there.
 *
 * @param plans by the name of their file, for messages
 * @throws Error of one line that names a value which is not what the provider keeps there
 */
export function planChanges(plans: ReadonlyMap<string, TerraformPlan>, inventory: Inventory): RuleChanges {
  const changes = new RuleChangesOf(inventory);
  for (const [name, plan] of plans) applyPlan(name, plan, changes, plans.size > 1 ? `${name}: ` : '');
  return changes.result();
}

/** @param before what the names of resources are told with */
function applyPlan(name: string, plan: TerraformPlan, changes: RuleChangesOf, before: string): void {
  if (!plan.isComplete) changes.untold(`${before}Terraform puts off a part of the plan (complete is false)`);
  const replaced = replacedGroups(name, plan);
  const makesGroup = plan.changes.some(
    (one) => one.type === 'aws_security_group' && one.change.actions.includes('create'),
  );
  for (const change of plan.changes) {
    const { type, change: what } = change;
    if (what.actions.every((action) => action === 'no-op' || action === 'read')) continue;
    const cause = `${before}${changeName(change)}`;
    const strange = what.actions.find((action) => !ACTIONS.has(action));
    if (isRuleType(type) && strange !== undefined) changes.untold(`${cause}: what ${shown(strange)} does to it`);
    // What is only made takes nothing away.
    const takes = what.actions.some((action) => action !== 'create' && action !== 'forget');
    if ((BESIDE.has(type) || (!isRuleType(type) && LIKE_RULES.test(type))) && takes && !keepsEntries(change)) {
      changes.untold(`${cause}: ${what.actions.join(', ')}: what that changes of what rules admit`);
    }
    if (isRuleType(type)) applyChange(change, type, { name, cause, makesGroup }, replaced, changes);
    else {
      const isLater = (attribute: string): boolean => isUnknown(what.after_unknown, attribute);
      for (const lost of groupsLost(what.before, what.after, isLater)) changes.untold(`${cause} loses ${lost}`);
    }
  }
}

const LIST = z.object({ entry: z.array(z.object({ cidr: z.string() })) });

/** Whether it is a list all of whose entries stay: rules that name it admit what they did. */
function keepsEntries({ type, change: { actions, before, after, after_unknown: unknown } }: ResourceChange): boolean {
  if (type !== 'aws_ec2_managed_prefix_list' || actions.join() !== 'update') return false;
  const [old, next] = [before, after].map((values) => LIST.safeParse(values).data?.entry.map(({ cidr }) => cidr));
  return old !== undefined && old.every((cidr) => next?.includes(cidr)) && !holdsTrue(partOf(unknown, 'entry'));
}

/** Old ids of groups that are replaced: their new ones are not known. */
function replacedGroups(name: string, { changes }: TerraformPlan): ReadonlySet<string> {
  return new Set(
    changes.flatMap((change) => {
      if (change.type !== 'aws_security_group' || !isReplaced(change)) return [];
      const { values } = ruleValues(change.type, change.change.before, `${name}: ${changeName(change)}`);
      return 'vpc_id' in values && values.id ? [values.id] : [];
    }),
  );
}

function isReplaced({ change: { actions } }: ResourceChange): boolean {
  return actions.includes('delete') && actions.includes('create');
}

function applyChange(
  { change: what }: ResourceChange,
  type: RuleType,
  { name, cause, makesGroup }: { readonly name: string; readonly cause: string; readonly makesGroup: boolean },
  replaced: ReadonlySet<string>,
  changes: RuleChangesOf,
): void {
  const read = (values: unknown): RuleValues | undefined =>
    values === null || values === undefined
      ? undefined
      : ruleValues(type, values, cause.startsWith(name) ? cause : `${name}: ${cause}`);
  const [before, after] = [read(what.before), read(what.after)];
  const [isDeleted, isMade] = ['delete', 'create'].map((action) => what.actions.includes(action));
  if (what.actions.includes('forget')) {
    changes.note(`${cause} is only forgotten: what it declares stays open, and no code tells of it any more`);
    return;
  }
  if (type === 'aws_vpc_security_group_rules_exclusive') {
    if (!after) return;
    // A group that the plan makes has no rules yet; one that is looked up at the apply has.
    if (isUnknown(what.after_unknown, 'security_group_id') && !makesGroup) {
      changes.untold(`${cause} takes rules of a group: which one that is`);
    }
    removeUnlisted(after, what.after_unknown, cause, changes);
    return;
  }
  if (type === 'aws_default_security_group' && (isMade === true || !after || !before)) {
    // Taken out of the code, it leaves its rules as they are.
    if (after) applyDefaultGroup(after, cause, changes);
    else changes.note(`${cause} is only forgotten: a default group cannot be deleted, and keeps its rules`);
    return;
  }
  const old = before ? declaredRules(before) : [];
  const names = namesAfter(before, what.after_unknown, replaced);
  const next = after && isTold(after, what.after_unknown) ? declaredRules(after, names) : [];
  // Of what is made for a group that is made as well nothing matters: nobody carries it yet.
  const isOfNew = !before && (type === 'aws_security_group' || isUnknown(what.after_unknown, 'security_group_id'));
  if (after && !isOfNew && (hasUnknown(what.after_unknown) || (next.length === 0 && !('vpc_id' in after.values)))) {
    changes.note(`${cause}: not all of it is known before the apply; what is not known counts as not there`);
  }
  if (type === 'aws_security_group' && before && isDeleted === true) {
    const { values } = before as { values: ValuesOf<'aws_security_group'> };
    if (values.id) {
      changes.removeAllOf(values.id, cause);
      if (values.revoke_rules_on_delete === true) changes.removeReferences(values.id, cause);
      if (isMade === true) {
        changes.untold(`${cause} is replaced: whether all that carries ${shown(values.id)} gets the new group`);
      }
    }
  }
  const staying = new Set(next.map(({ rule }) => ruleContent(rule)));
  if (before && old.length === 0 && type !== 'aws_security_group') {
    changes.untold(`${cause}: what it declares now cannot be read`);
  }
  const isAlone = !isGroupType(type);
  for (const { rule } of old) {
    if (isDeleted === true || !staying.has(ruleContent(rule))) changes.remove(rule, cause, isAlone);
  }
  const known = new Map(old.map(({ rule }) => [ruleContent(rule), rule]));
  for (const { rule } of next) {
    const former = known.get(ruleContent(rule));
    if (isDeleted === true || !former) changes.add(rule, cause);
    else if (isGroupType(type) ? former.description !== rule.description : resets(rule, what, type, changes)) {
      changes.remove(isGroupType(type) ? rule : changes.ruleOf(rule.ruleId)!, cause, isAlone);
      changes.add(rule, cause);
    }
  }
}

function isGroupType(type: RuleType): boolean {
  return type === 'aws_security_group' || type === 'aws_default_security_group';
}

/**
 * Whether an update of a rule of its own, which reads in the state as it will, makes it read so again: the provider sends the
 * whole rule whatever of it changes, but for tags. So a rule that was edited elsewhere is set back by a new description, and
 * not by a new tag.
 * https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ec2/vpc_security_group_ingress_rule.go
 */
function resets(
  rule: Rule,
  { before, after }: ResourceChange['change'],
  type: RuleType,
  changes: RuleChangesOf,
): boolean {
  if (!/^aws_vpc_security_group_(?:in|e)gress_rule$/.test(type)) return false;
  const standing = changes.ruleOf(rule.ruleId);
  if (!standing || ruleContent(standing) === ruleContent(rule)) return false;
  return Object.entries(Object(after) as Readonly<Record<string, unknown>>).some(
    ([attribute, value]) =>
      !attribute.startsWith('tags') &&
      JSON.stringify(value) !== JSON.stringify((before as Readonly<Record<string, unknown>>)[attribute]),
  );
}

/** Of a group that is replaced, the old id stands for the new one. */
function namesAfter(before: RuleValues | undefined, unknown: unknown, replaced: ReadonlySet<string>): GroupNames {
  if (!before) return {};
  const values: Readonly<Record<string, unknown>> = before.values;
  const oldId = (attribute: string): string | undefined => {
    const id = values[attribute];
    return typeof id === 'string' && isUnknown(unknown, attribute) && replaced.has(id) ? id : undefined;
  };
  return {
    own: oldId('security_group_id') ?? oldId('id'),
    source: oldId('source_security_group_id') ?? oldId('referenced_security_group_id'),
  };
}

function isUnknown(unknown: unknown, attribute: string): boolean {
  return partOf(unknown, attribute) === true;
}

function partOf(unknown: unknown, attribute: string): unknown {
  return typeof unknown === 'object' && unknown !== null ? (unknown as Record<string, unknown>)[attribute] : unknown;
}

/** Without any of these a rule would read as a wider one. */
const TRAFFIC = ['type', 'protocol', 'ip_protocol', 'from_port', 'to_port'];
/** What says what a rule admits; ids, tags and the source group are computed, and unknown of whatever is made. */
const TELLING = [
  ...[...TRAFFIC, 'ingress', 'egress', 'self', 'security_group_id', 'referenced_security_group_id'],
  ...['cidr_blocks', 'ipv6_cidr_blocks', 'prefix_list_ids', 'cidr_ipv4', 'cidr_ipv6', 'prefix_list_id'],
];

/** Blocks of a group require protocol and ports, so that one without them is not known yet. */
function isTold({ values }: RuleValues, unknown: unknown): boolean {
  if ('vpc_id' in values) {
    return [values.ingress, values.egress].every(
      (blocks) => blocks?.every((one) => [one?.protocol, one?.from_port, one?.to_port].every(isKnown)) ?? true,
    );
  }
  return !TRAFFIC.some((attribute) => isUnknown(unknown, attribute));
}

function isKnown(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function hasUnknown(unknown: unknown): boolean {
  return TELLING.some((attribute) => holdsTrue(partOf(unknown, attribute)));
}

/** Blocks and lists nest three deep. */
function holdsTrue(unknown: unknown, depth = 4): boolean {
  if (typeof unknown !== 'object' || unknown === null) return unknown === true;
  return depth > 0 && Object.values(unknown).some((part) => holdsTrue(part, depth - 1));
}

/**
 * What makes it a part of the state removes all its rules and makes those of the code; later changes are those of any group.
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_security_group
 */
function applyDefaultGroup(after: RuleValues, cause: string, changes: RuleChangesOf): void {
  const { vpc_id: vpcId, id } = (after as { values: ValuesOf<'aws_default_security_group'> }).values;
  const found = [...changes.groups()].filter((group) => group.groupName === 'default' && group.vpcId === vpcId);
  const groupId = id ?? (found.length === 1 ? found[0]!.groupId : undefined);
  if (groupId === undefined) {
    changes.untold(
      `${cause} takes all rules of the default group of ${vpcId ? shown(vpcId) : 'a VPC'}: which group that is`,
    );
    return;
  }
  const next = declaredRules(after, { own: groupId });
  const staying = new Set(next.map(({ rule }) => ruleContent(rule)));
  const stays = (rule: Rule): boolean => staying.has(ruleContent(rule));
  changes.removeAllOf(groupId, cause, stays);
  for (const { rule } of next) changes.add(rule, cause);
}

/** https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_rules_exclusive */
function removeUnlisted(after: RuleValues, unknown: unknown, cause: string, changes: RuleChangesOf): void {
  const {
    security_group_id: groupId,
    ingress_rule_ids,
    egress_rule_ids,
  } = (after as { values: ValuesOf<'aws_vpc_security_group_rules_exclusive'> }).values;
  if (!groupId) return;
  if (['ingress_rule_ids', 'egress_rule_ids'].some((list) => holdsTrue(partOf(unknown, list)))) {
    changes.note(`${cause}: not all of its lists is known before the apply; what is not known counts as not there`);
  }
  const lists = { ingress: ingress_rule_ids, egress: egress_rule_ids };
  changes.removeAllOf(groupId, cause, ({ ruleId, direction }) => lists[direction]?.includes(ruleId) ?? false);
}
