/** An error that the caller of a command can correct: the command prints its message, without a stack, and exits with 1. */
export class CliError extends Error {}
