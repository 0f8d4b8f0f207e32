import { expect, test } from '@jest/globals';
import { formatPrefix } from '../../../../shared/addresses/address.ts';
import { toldByCloudTrail } from '../../../../shared/inventory/past/cloudtrail-events.ts';
import { OTHER_EVENTS, RULE_EVENTS } from '../../../../shared/inventory/past/event-names.ts';
import type { Told } from '../../../../shared/inventory/past/told.ts';
import { pagesOf, showRule } from '../aws-shorthand.ts';
import { askedFor, eventOf, eventPages, EVENTS } from './events.ts';

/** What was told in shorthand, without time and principal. */
function shownTold({ rules, groups, entries, interfaces, instances, unplaced }: Told): string[] {
  return [
    ...rules.map(({ what, groupId, ruleId, rule }) =>
      [what, groupId, ruleId || '?', rule ? showRule(rule) : '?'].join(' '),
    ),
    ...groups.map(({ groupId = 'default', vpcId }) => `group ${groupId} of ${vpcId}`),
    ...entries.map(
      ({ what, prefixListId, prefix }) => `${what} ${prefixListId} ${prefix ? formatPrefix(prefix) : 'any'}`,
    ),
    ...interfaces.map(({ interfaceId, change }) => {
      switch (change.what) {
        case 'made':
          return `${interfaceId} made ${change.iface.groupIds.join()} ${change.iface.prefixes.map(formatPrefix).join()} ${change.instanceId}`;
        case 'groups':
          return `${interfaceId} carries ${change.groupIds.join()}`;
        case 'addresses':
          return `${interfaceId} gets ${change.prefixes.map(formatPrefix).join()}`;
        case 'gone':
          return `${interfaceId} gone`;
      }
    }),
    ...instances.map(({ instanceId, groupIds }) => `${instanceId} ${groupIds?.join() ?? 'terminated'}`),
    ...unplaced.map(() => 'some carry other groups'),
  ];
}

const TOLD: Readonly<Record<string, readonly string[]>> = {
  AuthorizeSecurityGroupIngress: [
    'made sg-0aaa0aaa0aaa0aaa1 sgr-0bbb0bbb0bbb0bbb1 ingress tcp(6) 443-443 cidrIpv4 203.0.113.0/24',
    'made sg-0aaa0aaa0aaa0aaa1 sgr-0bbb0bbb0bbb0bbb2 ingress -1(any) group sg-0aaa0aaa0aaa0aaa2',
  ],
  AuthorizeSecurityGroupEgress: [
    'made sg-0aaa0aaa0aaa0aaa1 sgr-0bbb0bbb0bbb0bbb3 egress tcp(6) 443-443 prefixList pl-0ccc0ccc0ccc0ccc1',
  ],
  RevokeSecurityGroupIngress: [
    'gone sg-0aaa0aaa0aaa0aaa1 sgr-0bbb0bbb0bbb0bbb2 ingress -1(any) group sg-0aaa0aaa0aaa0aaa2',
  ],
  RevokeSecurityGroupEgress: ['gone sg-0aaa0aaa0aaa0aaa1 ? egress -1(any) cidrIpv4 0.0.0.0/0'],
  ModifySecurityGroupRules: [
    'edited sg-0aaa0aaa0aaa0aaa1 sgr-0bbb0bbb0bbb0bbb1 ingress tcp(6) 8443-8443 cidrIpv4 203.0.113.0/24',
  ],
  CreateSecurityGroup: ['group sg-0aaa0aaa0aaa0aaa1 of vpc-0ddd0ddd0ddd0ddd1'],
  CreateVpc: ['group default of vpc-0ddd0ddd0ddd0ddd1'],
  CreateDefaultVpc: ['group default of vpc-0ddd0ddd0ddd0ddd1'],
  CreateManagedPrefixList: ['made pl-0ccc0ccc0ccc0ccc1 203.0.113.0/24', 'made pl-0ccc0ccc0ccc0ccc1 198.51.100.0/24'],
  ModifyManagedPrefixList: ['gone pl-0ccc0ccc0ccc0ccc1 198.51.100.0/24', 'made pl-0ccc0ccc0ccc0ccc1 192.0.2.0/24'],
  RestoreManagedPrefixListVersion: ['made pl-0ccc0ccc0ccc0ccc1 any'],
  CreateNetworkInterface: ['eni-0999099909990999a made sg-0aaa0aaa0aaa0aaa1 10.0.1.23/32 '],
  DeleteNetworkInterface: ['eni-0999099909990999a gone'],
  RunInstances: ['eni-0999099909990999b made sg-0aaa0aaa0aaa0aaa1 10.0.1.24/32 i-0666066606660666a'],
  TerminateInstances: ['i-0666066606660666a terminated'],
  ModifyNetworkInterfaceAttribute: ['eni-0999099909990999b carries sg-0aaa0aaa0aaa0aaa2'],
  ModifyInstanceAttribute: ['i-0666066606660666a sg-0aaa0aaa0aaa0aaa2'],
  ModifyVpcEndpoint: ['some carry other groups'],
  AssignPrivateIpAddresses: ['eni-0999099909990999b gets 10.0.1.25/32'],
  AssignIpv6Addresses: ['eni-0999099909990999b gets 2001:db8::25/128'],
  'dry-run': [],
};

test.each(EVENTS)('%s', (name) => {
  const told = toldByCloudTrail(eventPages(eventOf(name)));
  expect(shownTold(told)).toEqual(TOLD[name]);
  expect(told.problems).toEqual([]);
});

test('there is a fixture of every event that is asked for, and no other', () => {
  expect([...RULE_EVENTS, ...OTHER_EVENTS, 'dry-run'].sort()).toEqual([...EVENTS].sort());
});

test('an event tells when, and who it was; one that comes twice, or was denied, counts once, or not at all', () => {
  const event = eventOf('AuthorizeSecurityGroupEgress');
  const denied = eventOf('CreateSecurityGroup', { errorCode: 'Client.UnauthorizedOperation' });
  const { rules, groups } = toldByCloudTrail(eventPages(event, event, denied));
  expect(rules.map(({ at, by }) => [at, by])).toEqual([
    [Date.UTC(2026, 0, 10, 8, 30) / 1000, 'arn:aws:sts::111122223333:assumed-role/NetworkAdmin/alice'],
  ]);
  expect(groups).toEqual([]);
});

test.each<[why: string, event: object, problems: number, clouds: number]>([
  ['no JSON', { EventId: '1', CloudTrailEvent: '{' }, 1, 1],
  ['no event at all', { EventId: '1' }, 1, 1],
  ['one that makes no rule', { EventId: '1', EventName: 'RunInstances', CloudTrailEvent: '{' }, 1, 0],
  [
    'parameters left out for their size',
    eventOf('AuthorizeSecurityGroupIngress', { requestParameters: null, responseElements: null }),
    1,
    1,
  ],
  ['the same of an edit', eventOf('ModifySecurityGroupRules', { requestParameters: null }), 1, 1],
  ['of another service', eventOf('CreateVpc', { eventSource: 'rds.amazonaws.com' }), 0, 0],
  ['a name that every object has', eventOf('CreateVpc', { eventName: 'constructor' }), 0, 0],
])('what cannot be read is counted, and nobody knows how old what it made is: %s', (_, event, problems, clouds) => {
  const told = toldByCloudTrail(eventPages(event as Record<string, unknown>));
  expect(told.problems).toHaveLength(problems);
  expect(told.rules.filter(({ rule }) => !rule)).toHaveLength(clouds);
});

test('hostile principals stay one short line', () => {
  const userIdentity = { arn: `arn:\u001b[31m${'x'.repeat(10_000)}` };
  const [rule] = toldByCloudTrail(eventPages(eventOf('AuthorizeSecurityGroupEgress', { userIdentity }))).rules;
  expect(rule!.by).toHaveLength(256);
  expect(rule!.by).not.toContain('\u001b');
});

test('what was asked for is known up to a quarter of an hour before it was asked, and 90 days back', () => {
  const [day, until] = [86_400, 200 * 86_400];
  const pages = pagesOf('cloudtrail-events.json', askedFor('CreateVpc', until - 100 * day, until, 60));
  expect(toldByCloudTrail(pages).asked).toEqual([
    { eventName: 'CreateVpc', from: until + 60 - 90 * day, until: until + 60 - 900, wanted: until },
  ]);
});

test('a lookup that was cut short vouches for nothing, and says so', () => {
  const page = askedFor('CreateVpc', 0, 86_400);
  const Lookup = { ...(page.Lookup as object), Complete: false };
  const { asked, problems } = toldByCloudTrail(pagesOf('cloudtrail-events.json', { ...page, Lookup }));
  expect(asked).toEqual([]);
  expect(problems).toEqual([expect.stringContaining('not all CreateVpc were read')]);
});
