import type { NotObservedReason, Verdict } from '../verdicts/verdict.ts';

/** One plain sentence on why the verdict is what it is. May hold text of others (tags): escape it where it is shown. */
export function verdictText(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'exempt':
      return `kept on purpose${verdict.until === null ? '' : ` until ${verdict.until}`}: ${verdict.reason}`;
    case 'active':
      return verdict.unanswered ? 'used, but never answered (as scans are)' : 'used';
    case 'redundant':
      return `used, but never alone: ${verdict.coveredBy.join(', ')} admitted the same${aged(verdict.ageUnknown)}`;
    case 'notObserved':
      return notObservedText(verdict);
    case 'tooYoung':
      return `unused, but only known since ${verdict.since}`;
    case 'unattached':
      return `unused; no interface carries its group and no rule refers to it${aged(verdict.ageUnknown)}`;
    case 'stale':
      return `unused${aged(verdict.ageUnknown)}`;
  }
}

function aged(ageUnknown: boolean): string {
  return ageUnknown ? '; how old the rule is, is unknown' : '';
}

function notObservedText(verdict: NotObservedReason): string {
  switch (verdict.reason) {
    case 'unmatchable':
      return `cannot be matched: ${verdict.detail}`;
    case 'onlyPossibleUse':
      return `${String(verdict.possibleTimes)} records that it may have admitted`;
    case 'notCovered':
      return `flow logs read for ${String(verdict.observedDays)} of ${String(verdict.interfaceDays)} interface-days`;
    case 'skippedData':
      return `${String(verdict.skipped)} of ${String(verdict.records)} records say that data was skipped`;
    case 'unknownInterfaces':
      return `${String(verdict.unknown)} of ${String(verdict.accepted)} accepted records are of unknown interfaces`;
    case 'neverLogged':
      return `flow logs never show its traffic (${verdict.detail})`;
    case 'sharedGroup':
      return `its group is also in ${verdict.vpcId}, whose logs are not here`;
  }
}
