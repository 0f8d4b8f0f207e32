import { nameAndId } from '../../text/name-and-id.ts';
import { count } from '../../text/numbers.ts';
import { markdownCode, markdownRow } from '../../text/markdown.ts';
import type { CodeChange, PullRequest, TerraformChanges } from './changes.ts';
import type { CodePlace } from './code.ts';

/**
 * What the provider does with blocks of a group.
 * https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ec2/vpc_security_group.go
 */
const OF_BLOCKS = [
  'Of blocks in a group the provider compares single elements: it first revokes those that the code no longer has, then authorizes',
  'the new ones. What stays is not touched, but an element whose description changes is revoked and made again, so that for a',
  'moment nothing admits what it admits: leave descriptions as they are.',
];

/** `terraform.md`: for a reviewer. Text of others stands in code, where Markdown finds nothing to act on. */
export function changesText({ pullRequests, unmapped, problems }: TerraformChanges): string {
  const changes = pullRequests.flatMap((one) => one.changes);
  return [
    '# What to change in Terraform',
    '',
    `${count(changes.length, 'change')} in ${count(pullRequests.length, 'pull request')}; ` +
      `${count(unmapped.length, 'rule')} that no state is known to hold.`,
    '',
    'Change the code, look at the plan (`stale-sg check-tf` tells whether it cuts what was seen), apply. Undo: revert the',
    'commit, plan and apply; AWS gives rules that are made again new ids. Never take a rule out with `removed { lifecycle {',
    'destroy = false } }` or `terraform state rm`: Terraform then only forgets it. The rule stays open, and no code tells of it.',
    ...(changes.some(({ block }) => block !== null) ? ['', ...OF_BLOCKS] : []),
    ...problems.flatMap((problem) => ['', `Places in the code: ${markdownCode(problem)}`]),
    ...pullRequests.flatMap((one, i) => requestLines(one, i + 1)),
    ...(unmapped.length === 0
      ? []
      : [
          '',
          '## In no state',
          '',
          '| rule | group | admits | why |',
          '| --- | --- | --- | --- |',
          ...unmapped.map(({ ruleId, groupName, groupId, admits, reason }) =>
            markdownRow([
              markdownCode(ruleId),
              markdownCode(nameAndId(groupName, groupId)),
              markdownCode(admits),
              reason,
            ]),
          ),
        ]),
    '',
  ].join('\n');
}

function requestLines({ state, module, changes }: PullRequest, number: number): string[] {
  return [
    '',
    `## ${number}. ${module === '' ? 'The root module' : markdownCode(module)} of ${markdownCode(state)}`,
    '',
    '| rule | group | admits | resource | what to do | where | mind |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...changes.map((change) => markdownRow(cells(change))),
  ];
}

function cells(change: CodeChange): string[] {
  const { ruleId, groupName, groupId, admits, address, instruction, code, call, notes } = change;
  return [
    markdownCode(ruleId),
    markdownCode(nameAndId(groupName, groupId)),
    markdownCode(admits),
    markdownCode(address),
    markdownCode(instruction),
    [code && placeText(code), call && `called at ${placeText(call)}`].filter((text) => text !== null).join(', '),
    notes.map(markdownCode).join(' '),
  ];
}

function placeText({ file, line }: CodePlace): string {
  return markdownCode(`${file}:${line}`);
}
