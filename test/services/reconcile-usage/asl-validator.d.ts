declare module 'asl-validator' {
  /** Says whether a state machine is one that Step Functions takes. */
  export default function validate(
    definition: object,
    options?: { readonly checkPaths?: boolean; readonly checkArn?: boolean },
  ): { readonly isValid: boolean; errorsText(separator: string): string };
}
