import type { Group, Rule } from '../../inventory/inventory.ts';
import type { TerraformHint } from './plan.ts';
import { shellQuote } from './shell-quote.ts';

/** Who writes a rule other than a person: what a script removes, it brings back, or fails for want of it. */
export interface CodeOwner {
  /** Of {@link OWNERS}, or the key of the tag that somebody said marks such rules. */
  readonly tool: string;
  /** What tells so, and what to do instead. Holds text of others. */
  readonly note: string;
}

/** Keys of tags that a tool or a service puts on what it makes. */
const OWNERS: readonly (readonly [tool: string, key: RegExp])[] = [
  ['CDK', /^aws:cdk:|^(?:aws-?)?cdk(?:$|[^a-z])/i],
  ['CloudFormation', /^aws:cloudformation:|^(?:cloudformation|cfn)(?:$|[^a-z])/i],
  // All other keys of AWS's own: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Tags.html#tag-restrictions
  ['an AWS service', /^aws:/i],
  ['Terragrunt', /^terragrunt(?:$|[^a-z])/i],
  ['Terraform', /^(?:tf|tfc|tfe|tfstate|cdktf|tofu|atlantis|spacelift|env0|scalr)(?:$|[^a-z])/i],
  // As in ManagedByTerraform; TFManaged.
  ['Terraform', /terraform|opentofu/i],
  ['Terraform', /^TF(?=[A-Z][a-z])/],
  ['Pulumi', /^pulumi(?:$|[^a-z])/i],
  ['SST', /^sst:/],
  ['the Serverless Framework', /^serverless(?:$|[:/_-])/i],
  ['Crossplane', /^crossplane[-.]|\.crossplane\.io\//],
  ['yor, so code', /^yor_(?:trace|name)$|^git_(?:org|repo|file|commit|modifiers|last_modified_(?:at|by))$/],
  ['Ansible', /^ansible(?:$|[^a-z])/i],
  ['a Kubernetes cluster', /^(?:kubernetes\.io|k8s\.io|kops\.k8s\.io)\/|^KubernetesCluster$|^sigs\.k8s\.io\//],
  [
    'a Kubernetes controller',
    /^(?:elbv2|ingress|service|services)\.k8s\.aws\/|^karpenter\.sh\/|^node\.k8s\.amazonaws\.com\//,
  ],
  ['EKS', /^eks:|^alpha\.eksctl\.io\/|^eksctl\./],
  ['EMR', /^for-use-with-amazon-emr-managed-policies$/],
  ['Elastic Beanstalk', /^elasticbeanstalk:/],
  // https://aws.github.io/copilot-cli/docs/concepts/applications/
  ['Copilot', /^copilot-(?:app|application|environment|service|pipeline)$/],
  // https://docs.amplify.aws/react/build-a-backend/add-aws-services/tagging-resources/
  ['Amplify', /^amplify:/],
  ['Spot Ocean', /^spotinst:/],
  ['OpenShift', /^red-hat-(?:managed|clustertype)$|^api\.openshift\.com\//],
];

/** Keys that tell who or what manages a thing, and where its code is: their value counts. */
const ASKS_TOOL =
  /^(?:[\w.-]+[:/])?(?:(?:managed|provisioned|created|deployed|orchestrated|maintained|owned|built|controlled)[-_ ]?(?:by|with|from|via|using)|provisioner|orchestrator|creator|automation|iac|iac[-_ ]?(?:tool|type)|infra(?:structure)?[-_ ]?as[-_ ]?code|source|origin|tool|management|deployment(?:[-_ ]?(?:tool|method))?)$/i;
const TOOL =
  /(?:^|[^a-z])(?:terraform|terragrunt|opentofu|tofu|tf|tfc|tfe|cdktf|pulumi|amplify|copilot|cloud-?formation|cfn|stack-?sets?|service-?catalog|(?:aws-?)?cdk|sst|serverless|sam|ansible|crossplane|chef|puppet|salt(?:stack)?|helm|argo-?cd|flux|kops|eksctl|kubernetes|karpenter|atlantis|spacelift|env0|iac|infrastructure-as-code|git-?ops|ci(?:\/?cd)?|pipeline|github-actions|gitlab-ci|jenkins)(?:$|[^a-z])/i;
/** Where a thing has a repository, its code is there. */
const ASKS_CODE =
  /^(?:[\w.-]+[:/])?(?:(?:git|github|gitlab|bitbucket|code|source|src|iac|tf|infra)?[-_ ]?(?:repo|repository)(?:[-_ ]?(?:url|name|path))?|git[-_ ]?(?:url|path|file|commit|sha|ref|branch)|(?:code|source)[-_ ]?url|(?:tf|terraform|tfc|tfe)?[-_ ]?workspace|(?:tf|terraform)?[-_ ]?module(?:[-_ ]?(?:name|version|source|path))?)$/i;
/** As modules of Terraform, and people, name where code is. */
const CODE_ADDRESS = /^(?:git(?:::|@)|(?:https?:\/\/)?(?:www\.)?(?:github|gitlab|bitbucket)\.[a-z]+\/)/i;
/** The most usual ones stand for themselves in any tag, but for what tells what a thing is or does. */
const ANY_VALUE =
  /(?:^|[^a-z])(?:terraform|terragrunt|opentofu|pulumi|cloudformation|crossplane|ansible|cdk)(?:$|[^a-z])/i;
const TELLS_WHAT = /^(?:name|description|comment|role|app(?:lication)?(?:[-_ ]?name)?|service|purpose|host(?:name)?)$/i;
const YES = /^(?:true|yes|y|1|on)$/i;
const NO = /^(?:false|no|n|0|off|none|n\/a|-|manual(?:ly)?|console|hand|by hand|human|click-?ops)$/i;

/** Names of groups whose rules a service writes, beside the tags. */
const SERVICE_GROUPS: readonly (readonly [tool: string, name: RegExp])[] = [
  // https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-man-sec-groups.html
  ['EMR', /^ElasticMapReduce-/],
  // https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html
  ['EKS', /^eks-cluster-sg-/],
  ['a Kubernetes controller', /^k8s-(?:traffic|elb|[a-z0-9-]+-[0-9a-f]{10}$)/],
  // https://docs.aws.amazon.com/waf/latest/developerguide/security-group-policies.html
  ['Firewall Manager', /^FMManaged/],
  // https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_getting_started.html
  ['Directory Service', /^d-[0-9a-f]{10}_(?:controllers|workspacesMembers)$/],
  ['Elastic Beanstalk', /^awseb-/],
  // https://docs.aws.amazon.com/sagemaker/latest/dg/studio-updated-migrate-data.html
  ['SageMaker', /^security-group-for-(?:in|out)bound-nfs-d-/],
  // https://docs.aws.amazon.com/documentdb/latest/developerguide/auto-connect-ec2.html
  ['DocumentDB', /^(?:docdb-ec2|ec2-docdb)-./],
  // No page of AWS was found that tells these names; groups so named stand in accounts whose console connected EC2 to a cache.
  ['ElastiCache', /^(?:elasticache-ec2-|ec2-elasticache[-:])./],
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/ec2-rds-connect.html
  ['RDS', /^(?:rds-(?:ec2|lambda|rdsproxy)|(?:ec2|lambda|rdsproxy)-rds)-\d+$/],
  ['Cloud9', /^aws-cloud9-/],
  ['OpsWorks', /^AWS-OpsWorks-/],
];

/**
 * Who owns the rule other than people, as far as its tags, its group's tags and name tell; none where nothing does.
 *
 * @param more keys of tags that somebody said mark such rules; `*` at the end for any that begin so
 */
export function codeOwners(rule: Rule, group: Group | undefined, more: readonly string[] = []): CodeOwner[] {
  const owners: CodeOwner[] = [];
  for (const [what, tags] of [
    ['rule', rule.tags],
    ['group', group?.tags ?? {}],
  ] as const) {
    const stack = tags['aws:cloudformation:stack-name'];
    if (stack !== undefined) owners.push({ tool: 'CloudFormation', note: stackNote(what, stack, tags) });
    for (const [key, value] of Object.entries(tags)) {
      if (stack !== undefined && key.startsWith('aws:cloudformation:')) continue;
      const tool = ownerByTag(key, value) ?? (more.some((one) => isKey(one, key)) ? key : undefined);
      if (tool === undefined) continue;
      const note = `the tag ${key} = ${value} of its ${what} says that ${tool} manages it: change it there, or it comes back`;
      owners.push({ tool, note });
    }
  }
  const service = group && SERVICE_GROUPS.find(([, name]) => name.test(group.groupName));
  if (service) {
    const [tool] = service;
    owners.push({ tool, note: `its group has a name that ${tool} gives: ${tool} writes its rules, and needs them` });
  }
  return owners;
}

function ownerByTag(key: string, value: string): string | undefined {
  if (NO.test(value) && !/^aws:/i.test(key)) return undefined;
  const owner = OWNERS.find(([, pattern]) => pattern.test(key));
  if (owner) return owner[0];
  if (value === '') return undefined;
  if (ASKS_CODE.test(key)) return 'code';
  if (ASKS_TOOL.test(key)) {
    if (CODE_ADDRESS.test(value)) return 'code';
    if (/iac|code/i.test(key) && YES.test(value)) return 'code';
    return wordOf(TOOL, value);
  }
  return TELLS_WHAT.test(key) ? undefined : wordOf(ANY_VALUE, value);
}

function wordOf(pattern: RegExp, text: string): string | undefined {
  return pattern.exec(text)?.[0].replace(/^[^a-z]|[^a-z]$/gi, '');
}

function isKey(pattern: string, key: string): boolean {
  return pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern;
}

function stackNote(what: string, stack: string, tags: Readonly<Record<string, string>>): string {
  const resource = tags['aws:cloudformation:logical-id'];
  const named = resource === undefined ? '' : ` (resource ${resource})`;
  return `its ${what} belongs to the CloudFormation stack ${stack}${named}: take the rule out of the template, or it comes back`;
}

/**
 * The import id of these resources is the rule's id. A group may hold the rule in its own block, too, or in an
 * `aws_security_group_rule`: then only the group is found.
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_ingress_rule
 */
export function terraformHint({ ruleId, groupId, direction }: Rule): TerraformHint {
  return {
    resource: `aws_vpc_security_group_${direction}_rule`,
    importId: ruleId,
    lookUp: [ruleId, groupId].map((id) => `terraform state list -id=${shellQuote(id)}`),
  };
}
