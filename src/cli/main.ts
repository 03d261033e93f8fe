import { Command, CommanderError } from 'commander';
import type { Experiment } from '../experiments/experiment.js';
import { sarafVersion } from '../experiments/provenance.js';
import { experiments } from '../experiments/registry.js';
import { auditCommand } from './audit.js';
import { checkFixturesCommand } from './check-fixtures.js';
import { compareCommand } from './compare.js';
import { dataCommand } from './data.js';
import { doctorCommand } from './doctor.js';
import { equationsCommand } from './equations.js';
import { errorsCommand } from './errors.js';
import { describeFailure, EXIT, isAbort } from './failure.js';
import { inspectCommand } from './inspect.js';
import { verboseOption } from './options.js';
import { packCommand } from './pack.js';
import { predictCommand } from './predict.js';
import { profileCommand } from './profile.js';
import { reportCommand } from './report.js';
import { reproduceCommand } from './reproduce.js';
import { trainCommand } from './train.js';
import { textCommand } from './text.js';
import { verifyCommand } from './verify.js';

/** The `saraf` command without its action: `args` are what follows its name, `done` receives the exit code. */
export function buildProgram(args: readonly string[], done: (code: number) => void, among: readonly Experiment[] = experiments): Command {
  const program = new Command('saraf')
    .description('Convolutional and recurrent networks for TypeScript researchers: one seed, one result.')
    .version(sarafVersion(), '--version', 'print the version')
    .showHelpAfterError('(saraf --help shows commands and options)')
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  saraf reproduce --default        two published experiments at quick scale, a report in out/
  saraf train reviews.csv --text review --label stars   a table of yours to a model with report
  saraf data list                  data sets: size, licence, address, where to put a file
  saraf text < texts.txt           Indonesian texts cleaned, slang written out, stemmed, a line each
  saraf audit train.csv test.csv --text text --label label   what the test part shares with the training part
  saraf doctor                     what this machine offers, what is slow or missing and why
  saraf profile nusax-lstm         what each layer costs, and why
  saraf inspect model.keras        a model of Keras: layers, shapes, parameters
  saraf verify                     whether this machine computes the recorded bits`,
    );
  reproduceCommand(program, args, done, among);
  trainCommand(program, args, done);
  reportCommand(program, done);
  equationsCommand(program, done);
  profileCommand(program, done, among);
  inspectCommand(program, done);
  predictCommand(program, done);
  checkFixturesCommand(program, done);
  errorsCommand(program, done);
  compareCommand(program, done);
  packCommand(program, done);
  dataCommand(program);
  textCommand(program, done);
  auditCommand(program, done);
  doctorCommand(program, done);
  verifyCommand(program, done);
  for (const command of program.commands) strict(command);
  return program;
}

/** The same manners for every command and its sub-commands, whoever wrote them. */
function strict(command: Command): void {
  command.exitOverride().showSuggestionAfterError().showHelpAfterError('(--help shows the options)');
  if (!command.options.some((o) => o.long === '--verbose')) command.addOption(verboseOption());
  for (const inner of command.commands) strict(inner);
}

/** Runs the command line and returns the exit code. Errors are one message; with `--verbose` the stack too. `among`: the experiments that `reproduce` knows. */
export async function main(args: readonly string[], among: readonly Experiment[] = experiments): Promise<number> {
  let code: number = EXIT.ok;
  const program = buildProgram(
    args,
    (c) => {
      code = c;
    },
    among,
  );
  try {
    if (args.length === 0) {
      program.outputHelp();
      return EXIT.ok;
    }
    await program.parseAsync([...args], { from: 'user' });
    return code === EXIT.ok ? Number(process.exitCode ?? EXIT.ok) : code;
  } catch (error) {
    // Commander has printed its own message and thrown to leave; help and version are no failures.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    process.stderr.write(`${describeFailure(error, args.includes('--verbose'))}\n`);
    return isAbort(error) ? EXIT.interrupted : EXIT.failed;
  }
}
