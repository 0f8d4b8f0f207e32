import { expect, test } from '@jest/globals';
import { parseAddress } from '../../../shared/addresses/address.ts';
import { isLattice } from '../../../shared/addresses/lattice.ts';

test.each([
  ['169.254.171.0', true],
  ['169.254.171.255', true],
  ['169.254.170.255', false],
  ['169.254.172.0', false],
  ['fd00:ec2:80::', true],
  ['fd00:ec2:80::ffff:ffff:ffff:ffff', true],
  ['fd00:ec2:80:1::', false],
  ['fd00:ec2:7f:ffff:ffff:ffff:ffff:ffff', false],
  ['fd00:ec2::1', false],
  ['::a9fe:ab00', false],
])('%s is an address of VPC Lattice services: %s', (address, expected) => {
  expect(isLattice(parseAddress(address)!)).toBe(expected);
});
