import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

const { judge, tools } = wire(process.env);

/** After a night: see `judge-night.ts`. */
export const handler = observed(tools).handler((event, context) =>
  judge(event, () => context.getRemainingTimeInMillis()),
);
