import { describe, expect, test } from '@jest/globals';
import { codeOwners } from '../../../../shared/advice/removal/managed-by.ts';
import { awsRule, inventoryOf } from '../../inventory/aws-shorthand.ts';

type Tags = Readonly<Record<string, string>>;

function ownersBy(tags: Tags, { on = 'group', name = 'web', more = [] as string[] } = {}): string[] {
  const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
  const inventory = inventoryOf({
    groups: [{ GroupId: 'sg-1', GroupName: name, ...(on === 'group' && { Tags }) }],
    rules: [awsRule('in tcp 22 10.0.0.0/8', on === 'rule' ? { Tags } : {})],
  });
  return codeOwners(inventory.rules[0]!, inventory.groups.get('sg-1'), more).map(({ tool }) => tool);
}

describe('a tag that a tool or a service puts on what it makes', () => {
  test.each<[key: string, value: string, tool: string]>([
    ['aws:cloudformation:stack-name', 'shop', 'CloudFormation'],
    ['aws:cdk:path', 'Shop/Web', 'CDK'],
    ['aws-cdk:cr-owned:x', 'true', 'CDK'],
    ['aws:servicecatalog:productArn', 'arn:aws:catalog:x', 'an AWS service'],
    ['aws:elasticmapreduce:job-flow-id', 'j-1', 'an AWS service'],
    ['aws:eks:cluster-name', 'main', 'an AWS service'],
    ['for-use-with-amazon-emr-managed-policies', 'true', 'EMR'],
    ['terraform', 'true', 'Terraform'],
    ['Terraform', 'yes', 'Terraform'],
    ['TerraformWorkspace', 'prod', 'Terraform'],
    ['tf-workspace', 'prod', 'Terraform'],
    ['tfc:workspace', 'prod', 'Terraform'],
    ['spacelift:stack', 'x', 'Terraform'],
    ['terragrunt', 'live/prod', 'Terragrunt'],
    ['terragrunt-path', 'live/prod', 'Terragrunt'],
    ['opentofu', '1', 'Terraform'],
    ['pulumi:project', 'shop', 'Pulumi'],
    ['sst:app', 'shop', 'SST'],
    ['crossplane-name', 'web', 'Crossplane'],
    ['crossplane-providerconfig', 'default', 'Crossplane'],
    ['yor_trace', 'b5a2e8f0-0000-4000-8000-000000000000', 'yor, so code'],
    ['git_file', 'network/sg.tf', 'yor, so code'],
    ['ansible', 'true', 'Ansible'],
    ['kubernetes.io/cluster/main', 'owned', 'a Kubernetes cluster'],
    ['KubernetesCluster', 'main', 'a Kubernetes cluster'],
    ['elbv2.k8s.aws/cluster', 'main', 'a Kubernetes controller'],
    ['service.k8s.aws/stack', 'shop/web', 'a Kubernetes controller'],
    ['services.k8s.aws/controller-version', 'ec2-1.0', 'a Kubernetes controller'],
    ['karpenter.sh/discovery', 'main', 'a Kubernetes controller'],
    ['eks:cluster-name', 'main', 'EKS'],
    ['alpha.eksctl.io/cluster-name', 'main', 'EKS'],
    ['elasticbeanstalk:environment-name', 'prod', 'Elastic Beanstalk'],
    ['copilot-application', 'shop', 'Copilot'],
    ['copilot-environment', 'prod', 'Copilot'],
    ['amplify:app-id', 'd123', 'Amplify'],
    ['created-by', 'amplify', 'amplify'],
    ['ManagedBy', 'Terraform', 'Terraform'],
    ['managed-by', 'terraform', 'terraform'],
    ['managed_by', 'opentofu', 'opentofu'],
    ['Managed By', 'CloudFormation', 'CloudFormation'],
    ['app.kubernetes.io/managed-by', 'Helm', 'Helm'],
    ['team:managed-by', 'pulumi', 'pulumi'],
    ['Provisioner', 'terraform-cloud', 'terraform'],
    ['CreatedBy', 'cdk', 'cdk'],
    ['created-with', 'AWS CDK', 'CDK'],
    ['deployed-by', 'github-actions', 'github-actions'],
    ['iac', 'true', 'code'],
    ['IaC', 'terraform', 'terraform'],
    ['infrastructure-as-code', 'yes', 'code'],
    ['repo', 'github.com/shop/network', 'code'],
    ['git-repo', 'shop/network', 'code'],
    ['Repository', 'https://github.com/shop/network', 'code'],
    ['source-url', 'https://github.com/shop/network', 'code'],
    ['tf_module', 'vpc', 'Terraform'],
    ['workspace', 'prod', 'code'],
    ['Owner', 'terraform', 'terraform'],
    ['ManagedByTerraform', 'true', 'Terraform'],
    ['IsTerraformManaged', 'yes', 'Terraform'],
    ['terraform', '', 'Terraform'],
    ['TFManaged', 'true', 'Terraform'],
    ['tfstate', 's3://x', 'Terraform'],
    ['cdktf', 'true', 'Terraform'],
    ['managed-by', 'cdktf', 'cdktf'],
    ['DeployedBy', 'tf', 'tf'],
    ['cdk', 'true', 'CDK'],
    ['AwsCdk', 'true', 'CDK'],
    ['cloudformation', 'true', 'CloudFormation'],
    ['ManagedBy', 'StackSets', 'StackSets'],
    ['source', 'git::https://git.example.org/network', 'code'],
    ['source', 'https://github.com/shop/network', 'code'],
  ])('%s = %s', (key, value, tool) => {
    const said = ownersBy({ [key]: value });
    expect(said.map((one) => one.toLowerCase())).toEqual([tool.toLowerCase()]);
    expect(ownersBy({ [key]: value }, { on: 'rule' })).toEqual(said);
  });

  test.each<[key: string, value: string]>([
    ['Name', 'terraform-runner'],
    ['role', 'ansible'],
    ['terraform', 'false'],
    ['ManagedByTerraform', 'no'],
    ['managed-by', ''],
    ['TFOO', 'x'],
    ['source', 'https://partner.example.org/'],
    ['managed-by', 'manual'],
    ['ManagedBy', 'alice'],
    ['CreatedBy', 'arn:aws:iam::111122223333:user/alice'],
    ['iac', 'no'],
    ['env', 'staging'],
    ['team', 'platform'],
    ['platform', 'web'],
    ['tfoo', 'x'],
    ['stack', 'blue'],
    ['source', 'partner'],
    ['cost-center', 'ci'],
    ['copilot', 'yes'],
    ['copilot-seats', '3'],
  ])('but not %s = %s', (key, value) => {
    expect(ownersBy({ [key]: value })).toEqual([]);
  });

  test('nor one that nobody knows, unless somebody says that it marks such rules', () => {
    const tags = { 'acme:stack': 'blue' };
    expect(ownersBy(tags)).toEqual([]);
    expect(ownersBy(tags, { more: ['acme:stack'] })).toEqual(['acme:stack']);
    expect(ownersBy(tags, { more: ['acme:*'] })).toEqual(['acme:stack']);
    expect(ownersBy(tags, { more: ['acme'] })).toEqual([]);
  });

  test('the stack once, whatever else CloudFormation tells', () => {
    const stack = {
      'aws:cloudformation:stack-name': 'shop',
      'aws:cloudformation:logical-id': 'Web',
      'aws:cloudformation:stack-id': 'arn',
    };
    expect(ownersBy(stack)).toEqual(['CloudFormation']);
  });
});

test.each<[name: string, tool: string | undefined]>([
  ['ElasticMapReduce-master', 'EMR'],
  ['eks-cluster-sg-main-1234567', 'EKS'],
  ['k8s-traffic-main-0123456789', 'a Kubernetes controller'],
  ['k8s-shop-web-0123456789', 'a Kubernetes controller'],
  ['FMManagedSecurityGroup-1', 'Firewall Manager'],
  ['d-0123456789_controllers', 'Directory Service'],
  ['awseb-e-abc-stack-AWSEBSecurityGroup-1', 'Elastic Beanstalk'],
  ['rds-ec2-1', 'RDS'],
  ['ec2-rds-2', 'RDS'],
  ['aws-cloud9-dev-1', 'Cloud9'],
  ['security-group-for-inbound-nfs-d-g7djlrunxivy', 'SageMaker'],
  ['security-group-for-outbound-nfs-d-g7djlrunxivy', 'SageMaker'],
  ['docdb-ec2-docdb-2023-12-11-21-33-41:i-0e4bb09985d2bbc4c', 'DocumentDB'],
  ['ec2-docdb-shop', 'DocumentDB'],
  ['elasticache-ec2-shop-redis', 'ElastiCache'],
  ['ec2-elasticache:shop-redis', 'ElastiCache'],
  ['elasticache', undefined],
  ['docdb', undefined],
  ['security-group-for-nfs', undefined],
  ['rds', undefined],
  ['k8s-admins', undefined],
  ['launch-wizard-1', undefined],
])('the name of a group, %s, tells that %s writes its rules', (name, tool) => {
  expect(ownersBy({}, { name })).toEqual(tool === undefined ? [] : [tool]);
});
