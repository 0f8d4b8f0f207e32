import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

const { recall, tools } = wire(process.env);

/** A round of a night: see `recall-night.ts`. */
export const handler = observed(tools).handler((event, context) =>
  recall(event, () => context.getRemainingTimeInMillis()),
);
