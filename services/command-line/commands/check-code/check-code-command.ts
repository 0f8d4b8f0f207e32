import { Command, Option } from 'commander';
import { FileSet } from '../../../../shared/disk/file-set.ts';
import { mustNamePlace, withPlaceOptions, type PlaceOptions } from '../../evidence/evidence-place.ts';
import { NotShown } from '../../terminal/exit-status.ts';
import { parseWhole } from '../../terminal/options.ts';
import { checkCode, type ChangeKind } from './check-code.ts';
import { CHECK_SHOWN, checkJson, checkMarkdown, checkText, answerText } from './check-code-text.ts';

type Options = PlaceOptions & {
  readonly format: 'text' | 'markdown' | 'json';
  readonly markdown?: string;
  readonly limit?: number;
};

const ENDS =
  'Names the service flows that were seen and would lose their last rule; rules that the change itself brings count as ' +
  'there. Applies nothing. Ends with status 3 where there are any, or where that cannot be told, and with 0 where there are none.';

export function checkTerraformCommand(): Command {
  return commandOf(
    'check-tf',
    'terraform',
    `Tell what plans of Terraform or OpenTofu would cut, before they are merged. ${ENDS}`,
    "what 'terraform show -json tfplan' printed",
  );
}

export function checkCloudFormationCommand(): Command {
  return commandOf(
    'check-cfn',
    'cloudformation',
    `Tell what change sets of CloudFormation would cut, before they are carried out. ${ENDS}`,
    "what 'aws cloudformation describe-change-set --include-property-values' printed",
  );
}

function commandOf(name: string, kind: ChangeKind, description: string, file: string): Command {
  const command = new Command(name)
    .description(description)
    .argument('<file...>', file)
    .option('--report <file>', 'usage.json (default: the one beside the evidence, of a deployment the newest)');
  return withPlaceOptions(command)
    .option('--limit <n>', `flows, rules and notes shown of each kind (default: ${CHECK_SHOWN})`, parseWhole)
    .addOption(
      new Option('--format <format>', 'of what is printed').choices(['text', 'markdown', 'json']).default('text'),
    )
    .option('--markdown <file>', 'write it there as well, as a comment for the pull request')
    .action(async (paths: string[], options: Options, self: Command) => {
      mustNamePlace(self, options);
      const checked = await checkCode(kind, paths, options);
      const limit = options.limit ?? CHECK_SHOWN;
      const printed = {
        text: () => checkText(checked, limit),
        markdown: () => checkMarkdown(checked, limit),
        json: () => checkJson(checked, options.limit),
      };
      process.stdout.write(printed[options.format]());
      if (options.markdown !== undefined) {
        const files = new FileSet();
        files.add(options.markdown, checkMarkdown(checked, limit));
        files.commit();
      }
      if (checked.isCut || checked.untold.length > 0) throw new NotShown(answerText(checked));
    });
}
