import { describe, expect, test } from '@jest/globals';
import { GroupPlaces } from '../../../shared/matching/group-places.ts';
import { inventoryOfFiles } from '../../oracle/core.ts';
import { toFiles } from '../../oracle/random-world.ts';
import { inventoryOf } from '../../oracle/row.ts';

/** sg-web is of vpc-1 and may be carried in vpc-2; an interface of vpc-3 has it, and one of vpc-1 an unlisted group. */
function placesWith(vpcs: readonly string[]): GroupPlaces {
  const plain = inventoryOf({
    rules: [],
    vpcs: [...vpcs],
    interfaces: ['eni-3 vpc-3 sg-web 10.3.0.1', 'eni-shared vpc-1 sg-unlisted 10.0.0.77'],
  });
  const associations = [{ GroupId: 'sg-web', VpcId: 'vpc-2', State: 'associated' }];
  return new GroupPlaces(
    inventoryOfFiles({
      ...toFiles(plain),
      'security-group-vpc-associations.json': { SecurityGroupVpcAssociations: associations },
    }),
  );
}

const ALL = ['vpc-1 10.1.0.0/16', 'vpc-2 10.2.0.0/16', 'vpc-3 10.3.0.0/16'];

describe('where interfaces may carry a group', () => {
  test('are its own VPC, those it is associated with, and those where one does', () => {
    expect(placesWith(ALL).vpcsOf('sg-web')?.sort()).toEqual(['vpc-1', 'vpc-2', 'vpc-3']);
    expect(placesWith(ALL).vpcsOf('sg-nowhere')).toEqual(['vpc-1']);
  });

  test.each(ALL)('nobody knows the addresses of without the blocks of %s', (missing) => {
    expect(placesWith(ALL.filter((vpc) => vpc !== missing)).vpcsOf('sg-web')).toBeUndefined();
  });

  test('nobody knows of a group that is not listed, whoever carries it', () => {
    expect(placesWith(ALL).vpcsOf('sg-unlisted')).toBeUndefined();
  });

  test.each([
    ['sg-web', ['vpc-1', 'vpc-2', 'vpc-3']],
    ['sg-nowhere', ['vpc-1']],
    ['sg-unlisted', ['vpc-1', 'vpc-2', 'vpc-3', 'vpc-4']],
  ])('%s: %j', (groupId, vpcIds) => {
    const places = placesWith(ALL);
    expect(['vpc-1', 'vpc-2', 'vpc-3', 'vpc-4'].filter((vpcId) => places.mayBeCarriedIn(groupId, vpcId))).toEqual(
      vpcIds,
    );
  });
});
