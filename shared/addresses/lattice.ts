import { parsePrefix, type Address } from './address.ts';

/**
 * What names of VPC Lattice services resolve to inside a VPC.
 * https://docs.aws.amazon.com/vpc-lattice/latest/ug/security-groups.html
 */
export const LATTICE = ['169.254.171.0/24', 'fd00:ec2:80::/64'].map((cidr) => parsePrefix(cidr)!);

/** Whether the address is in one of {@link LATTICE}. Asked of both ends of every record. */
export function isLattice({ family, w0, w1 }: Readonly<Address>): boolean {
  return isOfLattice(family, w0, w1);
}

/** The same of an address of which these are the family and the first words. */
export function isOfLattice(family: number, w0: number, w1: number): boolean {
  return family === 4
    ? w0 >> 8 === 0xa9_fe_ab - 2 ** 24
    : family === 6 && w0 === 0xfd00_0ec2 - 2 ** 32 && w1 === 0x80_0000;
}
