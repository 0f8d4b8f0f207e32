import type { Inventory, Rule } from '../../inventory/inventory.ts';
import { ruleContent } from '../../inventory/content.ts';
import { shown } from '../../text/plain.ts';
import { groupsLost } from '../groups-lost.ts';
import { RuleChangesOf, type RuleChanges } from '../rule-changes.ts';
import type { ChangeSet, StackResourceChange } from './change-set.ts';
import {
  isRuleResourceType,
  LATER,
  templateRules,
  type RuleResourceType,
  type TemplateRules,
} from './template-rules.ts';

/** Types that change what rules admit, or where, and are no rules: what they do is not looked at. */
const BESIDE = new Set(['AWS::EC2::PrefixList', 'AWS::EC2::SecurityGroupVpcAssociation']);
/**
 * What the CDK makes to take all rules from a VPC's default group.
 * https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_ec2.VpcProps.html#restrictdefaultsecuritygroup
 */
const EMPTIES_DEFAULT = 'Custom::VpcRestrictDefaultSG';
const NESTED = 'AWS::CloudFormation::Stack';

/** What carrying out change sets does to the rules of the inventory. What is not known before counts as not there. */
export function stackRuleChanges(sets: readonly ChangeSet[], inventory: Inventory): RuleChanges {
  const changes = new RuleChangesOf(inventory);
  const given = new Set(sets.map(({ id }) => id));
  for (const change of sets.flatMap((one) => one.changes)) {
    const { ResourceType: type, Action: action } = change;
    const cause = shown(change.LogicalResourceId);
    if (type === NESTED && action !== 'SyncWithActual' && !given.has(change.ChangeSetId ?? '')) {
      changes.untold(`${cause} is a nested stack: give its change set as well`);
    }
    if (BESIDE.has(type) && action !== 'Add')
      changes.untold(`${cause}: ${shown(action)}: what that changes of what rules admit`);
    if (type === EMPTIES_DEFAULT && action !== 'Remove')
      changes.untold(`${cause} takes all rules of the default group of a VPC: what needs them`);
    if (isRuleResourceType(type)) applyStackChange(type, change, cause, changes);
    else if (action === 'Modify' && type !== NESTED) {
      if (propertiesOf(change.BeforeContext) === undefined) removeSide(undefined, cause, changes);
      const [before, after] = [propertiesOf(change.BeforeContext), propertiesOf(change.AfterContext)];
      for (const lost of groupsLost(before, after, () => false)) changes.untold(`${cause} loses ${lost}`);
    }
  }
  return changes.result();
}

function applyStackChange(
  type: RuleResourceType,
  change: StackResourceChange,
  cause: string,
  changes: RuleChangesOf,
): void {
  switch (change.Action) {
    case 'Add':
      addEgress(type, sideOf(type, change.AfterContext, ''), cause, changes);
      return;
    case 'Remove':
      if (change.PolicyAction === 'Retain') changes.note(`${cause} is retained: what it declares stays open`);
      else remove(type, change, cause, changes);
      return;
    case 'Modify':
      modify(type, change, cause, changes);
      return;
    case 'Import':
    case 'SyncWithActual':
      return;
    default:
      changes.untold(`${cause}: what ${shown(change.Action)} does to it`);
  }
}

function remove(type: RuleResourceType, change: StackResourceChange, cause: string, changes: RuleChangesOf): void {
  const id = change.PhysicalResourceId ?? '';
  if (type === 'AWS::EC2::SecurityGroup') {
    if (id === '') changes.untold(`${cause}: which group it is`);
    else changes.removeAllOf(id, cause);
    return;
  }
  const known = changes.ruleOf(id);
  if (known) changes.remove(known, cause, true);
  else removeSide(sideOf(type, change.BeforeContext, ''), cause, changes, true);
}

/**
 * A group keeps what its lists still say. When all egress rules of a template go, CloudFormation makes none in their place.
 * Rules of their own are replaced whatever of them changes, but for the description.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-securitygroup.html
 */
function modify(type: RuleResourceType, change: StackResourceChange, cause: string, changes: RuleChangesOf): void {
  const isGroup = type === 'AWS::EC2::SecurityGroup';
  const id = change.PhysicalResourceId ?? '';
  const groupId = isGroup ? id : '';
  const [before, after] = [change.BeforeContext, change.AfterContext].map((context) => sideOf(type, context, groupId));
  if (isGroup && change.Replacement !== 'False' && change.Replacement) {
    if (change.Replacement === 'True') changes.removeAllOf(groupId, cause);
    changes.untold(`${cause} is, or may be, replaced: whether all that carries ${shown(id)} gets the new group`);
  }
  if (!before || !after) {
    removeSide(undefined, cause, changes);
    return;
  }
  if (after.isPart) changes.note(`${cause}: not all of it is known yet; what is not known counts as not there`);
  const staying = new Set(after.rules.map(ruleContent));
  const going = before.rules.filter((rule) => !staying.has(ruleContent(rule)));
  // A rule of its own is found by its id, whatever its properties say.
  const own = isGroup ? undefined : changes.ruleOf(id);
  const gone = own && !staying.has(ruleContent(own)) ? [own] : own ? [] : going;
  removeSide({ rules: gone, isPart: before.isPart && !own }, cause, changes, !isGroup);
  addAll(after, cause, changes);
  if (isGroup && !before.rules.some(isEgress) && after.rules.some(isEgress)) {
    removeDefaultEgress(groupId, cause, changes, staying);
  }
}

/**
 * An egress rule of its own costs its group the rule that lets all out, whoever made it, and no change set tells.
 * https://github.com/aws-cloudformation/cfn-language-discussion/issues/157
 */
function addEgress(
  type: RuleResourceType,
  side: TemplateRules | undefined,
  cause: string,
  changes: RuleChangesOf,
): void {
  addAll(side, cause, changes);
  if (type !== 'AWS::EC2::SecurityGroupEgress') return;
  if (!side || side.isPart) changes.untold(`${cause}: whose rule that lets all out it takes away`);
  for (const { groupId } of side?.rules.filter(isNamed) ?? []) removeDefaultEgress(groupId, cause, changes);
}

function removeDefaultEgress(
  groupId: string,
  cause: string,
  changes: RuleChangesOf,
  staying: ReadonlySet<string> = new Set(),
): void {
  const isDefault = ({ protocol, peer }: Rule): boolean =>
    protocol === '-1' && (peer.value === '0.0.0.0/0' || peer.value === '::/0');
  changes.removeAllOf(
    groupId,
    `${cause}, since CloudFormation takes the default egress rule away`,
    (rule) => !isEgress(rule) || !isDefault(rule) || staying.has(ruleContent(rule)),
  );
}

function isEgress({ direction }: Rule): boolean {
  return direction === 'egress';
}

function removeSide(side: TemplateRules | undefined, cause: string, changes: RuleChangesOf, isAlone = false): void {
  if (!side) {
    changes.untold(`${cause}: its property values are not in the change set (--include-property-values shows them)`);
    return;
  }
  if (side.isPart) changes.untold(`${cause}: not all of what it declares now can be read`);
  for (const rule of side.rules) changes.remove(rule, cause, isAlone);
}

function addAll(side: TemplateRules | undefined, cause: string, changes: RuleChangesOf): void {
  for (const rule of side?.rules ?? []) if (isNamed(rule)) changes.add(rule, cause);
}

/** A group that is made by the same change set has no id yet, and nobody carries it. */
function isNamed({ groupId }: Rule): boolean {
  return groupId !== '' && groupId !== LATER;
}

/** Undefined where the change set does not show the properties. */
function sideOf(
  type: RuleResourceType,
  context: string | null | undefined,
  groupId: string,
): TemplateRules | undefined {
  const properties = propertiesOf(context);
  return properties === undefined ? undefined : templateRules(type, properties, groupId);
}

/** Undefined where the change set does not show them. */
function propertiesOf(context: string | null | undefined): unknown {
  if (context === null || context === undefined) return undefined;
  try {
    return (JSON.parse(context) as { readonly Properties?: unknown } | null)?.Properties ?? {};
  } catch (error) {
    // AWS may cut large values.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
