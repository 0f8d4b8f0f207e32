import { observed } from '../../shared/aws/observed.ts';
import { wire } from './wiring-adapter.ts';

const { perform, tools } = wire(process.env);

/** One step of the state machine: see `steps.ts`. */
export const handler = observed(tools).handler((event) => perform(event));
