import { Command, InvalidArgumentError } from 'commander';
import { isAnyCut } from '../../../../shared/evidence/simulate-removal.ts';
import { mustNamePlace, withPlaceOptions } from '../../evidence/evidence-place.ts';
import { NotShown } from '../../terminal/exit-status.ts';
import { parseWhole } from '../../terminal/options.ts';
import { simulateCommandLine, type SimulateOptions } from './simulate.ts';
import { simulationJson, simulationText } from './simulate-text.ts';

export function simulateCommand(): Command {
  const command = new Command('simulate')
    .description(
      'Tell which service flows that were seen would lose their last admitting rule if these rules were removed, worst ' +
        'first. Removes nothing. What was not seen it cannot tell; where it is known that not all was seen, and ' +
        'nothing that was seen would be cut, it ends with status 3.',
    )
    .requiredOption('--remove <rule-ids...>', 'ids, apart by blanks or commas', parseIds);
  return withPlaceOptions(command)
    .option('--limit <n>', 'flows and services shown of each kind (default: 20; with --json all)', parseWhole)
    .option('--json', 'as JSON')
    .action(async (options: SimulateOptions & { readonly json?: boolean; readonly limit?: number }, self: Command) => {
      mustNamePlace(self, options);
      const simulated = await simulateCommandLine(options);
      const { limit } = options;
      process.stdout.write(options.json ? simulationJson(simulated, limit) : simulationText(simulated, limit));
      const { unseen, simulation } = simulated;
      if (unseen.length === 0) return;
      const said = `the logs cannot show all of it: ${unseen.join('; ')}`;
      // Where flows are told that may be cut, the answer is no already, and what was not seen only adds to it.
      if (!isAnyCut(simulation)) throw new NotShown(said);
      process.stderr.write(`stale-sg: ${said}\n`);
    });
}

/** Called for each argument. */
function parseIds(text: string, before: readonly string[] = []): readonly string[] {
  const ids = text.split(',').filter((id) => id !== '');
  if (ids.length === 0) throw new InvalidArgumentError('Give ids such as sgr-0abc,sgr-0def.');
  return [...before, ...ids];
}
