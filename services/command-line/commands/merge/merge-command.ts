import { Command } from 'commander';
import { accountAgeText, accountText } from '../../../../shared/reports/accounts-text.ts';
import { count } from '../../../../shared/text/numbers.ts';
import { VERDICT_KINDS } from '../../../../shared/verdicts/verdict.ts';
import { plainLines } from '../../evidence/evidence-text.ts';
import { print, quietOption } from '../../terminal/print.ts';
import { wrapped } from '../../terminal/wrapped.ts';
import { merge, type Merged } from './merge.ts';

export function mergeCommand(): Command {
  return new Command('merge')
    .description(
      'Join reports of different accounts or regions, with their evidence, into one: what `stale-sg analyze --out` wrote, or ' +
        '`stale-sg report --out`. No rule is judged again: what the rules of one account need of another, only one analysis sees.',
    )
    .argument('<dir...>', 'folders with a usage.json, and evidence beside it')
    .requiredOption('--out <dir>', 'new folder to write into')
    .addOption(quietOption())
    .action(async (folders: string[], { out }: { readonly out: string }) => {
      print(mergedText(await merge(folders, out)));
    });
}

function mergedText({ report, withoutEvidence, written }: Merged): string {
  const { window, asOf, rules, accounts = [] } = report;
  const verdicts = VERDICT_KINDS.map((kind) => [kind, rules.filter(({ verdict }) => verdict.kind === kind).length]);
  const told = verdicts
    .filter(([, number]) => number !== 0)
    .map(([kind, number]) => `${String(number)} ${String(kind)}`);
  const open = rules.filter(
    ({ peer, verdict }) =>
      peer.type === 'group' &&
      verdict.kind === 'notObserved' &&
      (verdict.reason === 'onlyPossibleUse' || verdict.reason === 'peerAbsent'),
  ).length;
  const notes = [
    'No rule was judged again: each keeps the verdict of its own report.',
    ...(open === 0
      ? []
      : [
          `${count(open, 'rule')} that ${open === 1 ? 'names a group' : 'name groups'} could not be told for want of who carries it: where that ` +
            "is an account of another report, one 'stale-sg analyze' with all inventories and logs would credit them.",
        ]),
    withoutEvidence === undefined
      ? "It holds no plan: 'stale-sg plan' makes it, with the inventories of all."
      : `No evidence is beside it, since ${withoutEvidence}: plan and simulate each account by itself.`,
  ];
  return plainLines([
    `${window.from} to ${window.to}, as of ${asOf}, the oldest of them`,
    `${count(rules.length, 'rule')}${told.length > 0 ? `: ${told.join(', ')}` : ''}`,
    ...accounts.map(
      (account) =>
        `${accountText(account)}: ${count(account.rules, 'rule')}, ${String(account.verdicts.stale)} stale, heard on ${accountAgeText(account)}`,
    ),
    ...notes.flatMap((text) => wrapped(text)),
    ...written.map((path) => `Wrote ${path}`),
  ]);
}
