import { parseArgs } from 'node:util';
import { type Command, type Commands, type Io, optionsIn } from './command.ts';

const help = `Usage: selfheal completion bash|zsh

Prints a script that completes selfheal's commands, options and names in a shell. npx has its own completion, so define an alias first:
alias selfheal='npx selfheal'

  --help   show this text

Exit code 0, or 2 for another shell.

Examples:
  eval "$(selfheal completion bash)"                  in ~/.bashrc
  eval "$(selfheal completion zsh)"                   in ~/.zshrc, after compinit
  selfheal completion zsh > ~/.zfunc/_selfheal
`;

/** What can be completed of one command. */
type Entry = { name: string; summary: string; options: readonly string[]; names: readonly string[]; files: boolean };

const entries = (commands: Commands): Promise<Entry[]> =>
  Promise.all(
    Object.entries(commands).map(async ([name, { summary, load }]) => {
      const command = await load();
      const names = command.names?.();
      return { name, summary, options: optionsIn(command.help), names: names ?? [], files: command.takesFiles ?? names === undefined };
    }),
  );

/** In single quotes, for either shell. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const words = (texts: readonly string[]): string => quote(texts.join(' '));

const bash = (all: readonly Entry[]): string => `# selfheal's completion for bash
_selfheal() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" options='' names='' files=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    names=${words([...all.map(({ name }) => name), 'help', '--help', '--version'])}
  else
    case "\${COMP_WORDS[1]}" in
      help) names=${words(all.map(({ name }) => name))} ;;
${all.map(({ name, options, names, files }) => `      ${name}) options=${words(options)} names=${words(names)}${files ? ' files=yes' : ''} ;;`).join('\n')}
    esac
  fi
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$options $names" -- "$cur")) ;;
    *)
      COMPREPLY=($(compgen -W "$names" -- "$cur"))
      if [ -n "$files" ]; then
        local IFS=$'\\n'
        compopt -o filenames 2>/dev/null
        COMPREPLY+=($(compgen -f -- "$cur"))
      fi
      ;;
  esac
}
complete -F _selfheal selfheal
`;

const zsh = (all: readonly Entry[]): string => `#compdef selfheal
# selfheal's completion for zsh
_selfheal() {
  local -a commands
  commands=(
${all.map(({ name, summary }) => `    ${quote(`${name}:${summary.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    compadd -- help --help --version
    return
  fi
  case $words[2] in
    help) compadd -- ${all.map(({ name }) => name).join(' ')} ;;
${all
  .map(({ name, options, names, files }) => {
    const others = [...(names.length > 0 ? [`compadd -- ${names.map(quote).join(' ')}`] : []), ...(files ? ['_files'] : [])];
    return `    ${name}) if [[ $words[CURRENT] == -* ]]; then compadd -- ${options.join(' ')}; else ${others.join('; ') || 'true'}; fi ;;`;
  })
  .join('\n')}
  esac
}
compdef _selfheal selfheal
`;

const shells: Readonly<Record<string, (all: readonly Entry[]) => string>> = { bash, zsh };

const run = async (commands: Commands, args: string[], io: Io): Promise<number> => {
  const { positionals } = parseArgs({ args, allowPositionals: true, options: {} });
  const [shell = '', ...others] = positionals;
  const script = others.length === 0 && Object.hasOwn(shells, shell) ? shells[shell] : undefined;
  if (!script) {
    io.stderr.write(
      `selfheal completion: name one shell, bash or zsh${shell === '' ? '' : `, not ${JSON.stringify(positionals.join(' ').slice(0, 40))}`}\n`,
    );
    return 2;
  }
  io.stdout.write(script(await entries(commands)));
  return 0;
};

/** The command that completes all of these, itself included. */
export const createCompletion = (commands: Commands): Command => ({
  name: 'completion',
  help,
  names: () => Object.keys(shells),
  run: (args, io) => run(commands, args, io),
});
