import { describe, expect, test } from '@jest/globals';
import { attachedTo, ownerOf } from '../../../shared/inventory/owners.ts';
import { inventoryOf } from './aws-shorthand.ts';

describe('who answers for a rule', () => {
  test.each<[why: string, rule: Record<string, string>, group: Record<string, string>, owner: string | undefined]>([
    ['nobody says', {}, { Name: 'web', env: 'prod' }, undefined],
    ['the group does', {}, { Owner: 'shop' }, 'shop: the tag Owner of its group'],
    ['the rule comes first', { owner: 'ines' }, { Owner: 'shop' }, 'ines: the tag owner of its rule'],
    [
      'an owner comes before a team',
      { Team: 'blue' },
      { 'service-owner': 'ines' },
      'ines: the tag service-owner of its group',
    ],
    ['a team before a contact', { contact: 'x@example.com' }, { squad: 'blue' }, 'blue: the tag squad of its group'],
    ['and a cost center last', { CostCenter: '4711' }, {}, '4711: the tag CostCenter of its rule'],
    ['in a name space', {}, { 'acme:owner': 'shop' }, 'shop: the tag acme:owner of its group'],
    ['the tag of this program', { Owner: 'a' }, { 'stale-sg:owner': 'b' }, 'b: the tag stale-sg:owner of its group'],
    ['an empty tag says nothing', { Owner: ' ' }, { team: 'shop' }, 'shop: the tag team of its group'],
    ['nor does one of AWS', {}, { 'aws:owner': 'x' }, undefined],
    ['nor one that only sounds so', {}, { ownership: 'x', homeowner: 'y', teamwork: 'z' }, undefined],
  ])('%s', (_why, rule, group, owner) => {
    const found = ownerOf({ tags: rule }, { tags: group });
    expect(found && `${found.name}: ${found.from}`).toBe(owner);
  });

  test('a tag that somebody names comes before all', () => {
    const tags = { tags: { Owner: 'a', 'stale-sg:owner': 'b', guild: 'c' } };
    expect(ownerOf(tags, undefined, 'guild')!.name).toBe('c');
    expect(ownerOf(tags, undefined, 'no such tag')!.name).toBe('b');
  });
});

test.each([
  ['ELB app/web-alb/0123456789abcdef', 'interface', 'load balancer web-alb'],
  ['ELB net/tcp/0123456789abcdef', 'network_load_balancer', 'load balancer tcp'],
  ['ELB classic', 'interface', 'load balancer classic'],
  ['AWS Lambda VPC ENI-orders-0a1b2c3d-1111-2222-3333-444455556666', 'lambda', 'function orders'],
  ['AWS Lambda VPC ENI-orders', 'lambda', 'function orders'],
  ['arn:aws:ecs:eu-central-1:111122223333:attachment/1', 'interface', 'ECS task'],
  ['RDSNetworkInterface', 'interface', 'RDS database'],
  ['ElastiCache sessions-001', 'interface', 'ElastiCache sessions-001'],
  ['EFS mount target for fs-0123 (fsmt-1)', 'efs', 'file system fs-0123'],
  ['VPC Endpoint Interface vpce-0123', 'vpc_endpoint', 'VPC endpoint vpce-0123'],
  ['Amazon EKS main', 'interface', 'EKS cluster main'],
  ['', 'nat_gateway', 'nat gateway'],
  ['Primary network interface', 'interface', 'eni-1'],
  ['', 'interface', 'eni-1'],
  ['by hand', 'interface', 'eni-1 (by hand)'],
])('an interface described as %j, of type %s, is that of %s', (Description, InterfaceType, thing) => {
  const interfaces = [{ NetworkInterfaceId: 'eni-1', Description, InterfaceType, Groups: [{ GroupId: 'sg-1' }] }];
  expect([...attachedTo(inventoryOf({ interfaces }))]).toEqual([['sg-1', [thing]]]);
});

test('of many things three are named, each once', () => {
  const interfaces = ['b', 'a', 'c', 'e', 'd', 'a'].map((name, i) => ({
    NetworkInterfaceId: `eni-${String(i)}`,
    Description: `ElastiCache ${name}`,
    Groups: [{ GroupId: 'sg-1' }, ...(name === 'a' ? [{ GroupId: 'sg-2' }] : [])],
  }));
  expect([...attachedTo(inventoryOf({ interfaces }))]).toEqual([
    ['sg-1', ['ElastiCache a', 'ElastiCache b', 'ElastiCache c', '2 more']],
    ['sg-2', ['ElastiCache a']],
  ]);
});
