import { InvalidArgumentError } from 'commander';
import {
  SECURITY_FINDING_KINDS,
  type SecurityFinding,
  type SecurityFindingKind,
} from '../../../shared/security-findings/security-finding.ts';
import { NotShown } from './exit-status.ts';

export const FAIL_ON_HELP = `end with status 3 where there are any of these: ${SECURITY_FINDING_KINDS.join(', ')}`;

/** `stale,openToWorld`. */
export function parseKinds(text: string): SecurityFindingKind[] {
  const kinds = text.split(',').map((word) => SECURITY_FINDING_KINDS.find((kind) => kind === word.trim()));
  if (kinds.includes(undefined)) {
    throw new InvalidArgumentError(`Give some of ${SECURITY_FINDING_KINDS.join(', ')}, with commas between them.`);
  }
  return kinds.filter((kind) => kind !== undefined);
}

/** @throws NotShown that says how many there are of each kind, where there are any */
export function failOn(kinds: readonly SecurityFindingKind[], findings: readonly SecurityFinding[]): void {
  const counts = kinds
    .map((kind) => ({ kind, number: findings.filter((finding) => finding.kind === kind).length }))
    .filter(({ number }) => number > 0);
  if (counts.length > 0)
    throw new NotShown(`found ${counts.map(({ kind, number }) => `${String(number)} ${kind}`).join(', ')}`);
}
