/** How an argument is typed in a shell. */
const typed = (arg: string): string => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`);

/** The command line of a report, as typed, without the path of the report itself. */
export const commandLine = (name: string, args: readonly string[]): string => {
  const rest = args.filter(
    (arg, i) => !['--report', '--force'].includes(arg) && !arg.startsWith('--report=') && args[i - 1] !== '--report',
  );
  return ['selfheal', name, ...rest].map(typed).join(' ');
};
