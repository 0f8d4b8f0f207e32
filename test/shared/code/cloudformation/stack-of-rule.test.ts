import { describe, expect, test } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { CfnSecurityGroup, CfnSecurityGroupIngress } from 'aws-cdk-lib/aws-ec2';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constructPaths, stackOfRule, stackResource } from '../../../../shared/code/cloudformation/stack-of-rule.ts';

const RULE = { ruleId: 'sgr-1', groupId: 'sg-1', tags: {} };
const TAGS = {
  'aws:cloudformation:stack-name': 'net',
  'aws:cloudformation:stack-id': 'arn:aws:cloudformation:eu-central-1:111122223333:stack/net/1',
  'aws:cloudformation:logical-id': 'Web',
};
const listed = (LogicalResourceId: string, PhysicalResourceId: string, ResourceStatus = 'CREATE_COMPLETE') =>
  stackResource.parse({
    StackName: 'net',
    LogicalResourceId,
    PhysicalResourceId,
    ResourceType: 'AWS::EC2::SecurityGroup',
    ResourceStatus,
  });

describe('the stack of a rule', () => {
  test('by its own tags before those of its group; by none it has none', () => {
    expect(stackOfRule(RULE, { tags: {} })).toBeUndefined();
    expect(stackOfRule(RULE, undefined)).toBeUndefined();
    expect(stackOfRule(RULE, { tags: TAGS })).toMatchObject({ stack: 'net', logicalId: 'Web', of: 'group' });
    const own = { ...TAGS, 'aws:cloudformation:logical-id': 'Https' };
    expect(stackOfRule({ ...RULE, tags: own }, { tags: TAGS })).toMatchObject({ logicalId: 'Https', of: 'rule' });
  });

  test('by its resources: a rule of its own, else its group; what is deleted counts no more', () => {
    const resources = [listed('Web', 'sg-1'), listed('Https', 'sgr-1')];
    expect(stackOfRule(RULE, undefined, { resources })).toMatchObject({ logicalId: 'Https', of: 'rule' });
    const gone = [resources[0]!, listed('Https', 'sgr-1', 'DELETE_COMPLETE')];
    expect(stackOfRule(RULE, undefined, { resources: gone })).toMatchObject({ logicalId: 'Web', of: 'group' });
  });
});

describe('the construct', () => {
  test('is what the CDK itself writes', () => {
    const app = new App();
    const stack = new Stack(app, 'Net', { stackName: 'prod-net' });
    const group = new CfnSecurityGroup(stack, 'Web', { groupDescription: 'web' });
    const rule = new CfnSecurityGroupIngress(stack, 'Https', {
      ipProtocol: '-1',
      cidrIp: '10.0.0.0/8',
      groupId: group.attrGroupId,
    });
    const { directory } = app.synth();
    const paths = constructPaths((name) => JSON.parse(readFileSync(join(directory, name), 'utf8')) as unknown);
    const logicalIds = [group, rule].map((one) => stack.resolve(one.logicalId) as string);
    const resources = [listed(logicalIds[0]!, 'sg-1'), listed(logicalIds[1]!, 'sgr-1')].map((one) => ({
      ...one,
      StackName: 'prod-net',
    }));
    expect(stackOfRule(RULE, undefined, { resources, paths })?.constructPath).toBe('Net/Https');
    expect(stackOfRule({ ...RULE, ruleId: 'sgr-2' }, undefined, { resources, paths })?.constructPath).toBe('Net/Web');
    // Of another stack nothing is told.
    expect(stackOfRule(RULE, { tags: TAGS }, { paths })).toMatchObject({ constructPath: undefined });
  });

  test('older versions write the metadata into the manifest; a file elsewhere is not asked for', () => {
    const asked: string[] = [];
    const stack = (more: object) => ({ type: 'aws:cloudformation:stack', properties: {}, ...more });
    const artifacts = {
      net: stack({ metadata: { '/Net/Web/Resource': [{ type: 'aws:cdk:logicalId', data: 'Web' }, { type: 'x' }] } }),
      evil: stack({ additionalMetadataFile: '../../etc/passwd' }),
    };
    const paths = constructPaths((name) => {
      asked.push(name);
      return name === 'manifest.json' ? { version: '36.0.0', artifacts } : undefined;
    });
    expect(asked).toEqual(['manifest.json']);
    expect(stackOfRule(RULE, { tags: TAGS }, { paths })?.constructPath).toBe('Net/Web/Resource');
    expect(() => constructPaths(() => [])).toThrow('manifest.json: not what the CDK writes');
  });
});
