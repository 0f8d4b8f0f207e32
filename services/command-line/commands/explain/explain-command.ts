import { Command } from 'commander';
import { FLOW_FORM } from '../../../../shared/evidence/flow-text.ts';
import { mustNamePlace, withPlaceOptions } from '../../evidence/evidence-place.ts';
import { explainFlow, explainRule, type ExplainFlowOptions } from './explain.ts';
import { flowExplanationText, flowJson, ruleJson, ruleExplanationText } from './explain-text.ts';
import { dryRunOption, toldDryRun, withLogOptions, type DryRunOptions } from '../../files/log-options.ts';
import { parseWhole } from '../../terminal/options.ts';

const FLOWS_SHOWN = 10;
const SAMPLES_SHOWN = 5;

type Options = Partial<ExplainFlowOptions> & DryRunOptions & { readonly json?: boolean; readonly limit?: number };

export function explainCommand(): Command {
  const command = new Command('explain')
    .description(
      'Tell everything known of a rule: what it admits, what of that was seen, and what else admits it. Or of a service ' +
        'flow: which rules admit it, which was credited as the primary one, and why.',
    )
    .argument('[rule-id]', 'the rule')
    .option('--flow <flow>', `instead of a rule: ${FLOW_FORM}`)
    .option('--report <file>', 'usage.json, for the verdict on the rule (default: of a deployment the newest report)')
    .option('--logs <path...>', 'with --flow: logs to show records of it from, with file and line');
  return withLogOptions(withPlaceOptions(command))
    .option('--limit <n>', `flows (default: ${FLOWS_SHOWN}) or records (${SAMPLES_SHOWN}) shown`, parseWhole)
    .addOption(dryRunOption())
    .option('--json', 'as JSON')
    .action(async (ruleId: string | undefined, options: Options, self: Command) => {
      const { flow, json, limit } = options;
      if (await toldDryRun(options)) return;
      if ((ruleId === undefined) === (flow === undefined)) self.error('error: name a rule, or a flow by --flow');
      if (flow === undefined) {
        mustNamePlace(self, options);
        const explained = await explainRule(ruleId!, options, limit ?? FLOWS_SHOWN);
        process.stdout.write(json ? ruleJson(explained, limit ?? FLOWS_SHOWN) : ruleExplanationText(explained));
      } else {
        if (options.inventory === undefined) mustNamePlace(self, options);
        const explained = await explainFlow({ ...options, flow }, limit ?? SAMPLES_SHOWN);
        process.stdout.write(json ? flowJson(explained) : flowExplanationText(explained));
      }
    });
}
