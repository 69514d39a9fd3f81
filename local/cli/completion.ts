import { parseArgs } from 'node:util';
import { type Command, type Commands, fileOptionsIn, type Io, optionsIn } from './command.ts';

const help = `Usage: selfheal completion bash|zsh

Prints a script that completes selfheal's commands, options and names in a shell: of scenarios, sabotages, failure classes and playbooks.
It completes selfheal as well as npx selfheal, and leaves whatever else npx completes as it is.

  --help   show this text

Exit code 0, or 2 for another shell.

Examples:
  eval "$(npx selfheal completion bash)"              in ~/.bashrc, with the path of this folder before it
  eval "$(npx selfheal completion zsh)"               in ~/.zshrc, after compinit
  selfheal completion bash > ~/.selfheal-completion   once, and source ~/.selfheal-completion in ~/.bashrc, which is faster
`;

/** What can be completed of one command. */
type Entry = {
  name: string;
  summary: string;
  options: readonly string[];
  names: readonly string[];
  files: boolean;
  /** What can stand behind an option; null: a file. */
  values: readonly (readonly [option: string, values: readonly string[] | null])[];
};

const entries = (commands: Commands): Promise<Entry[]> =>
  Promise.all(
    Object.entries(commands).map(async ([name, { summary, load }]) => {
      const command = await load();
      const names = command.names?.();
      const files = fileOptionsIn(command.help).map((option) => [option, null] as const);
      const values = new Map<string, readonly string[] | null>([...files, ...Object.entries(command.values?.() ?? {})]);
      return {
        name,
        summary,
        options: optionsIn(command.help),
        names: names ?? [],
        files: command.takesFiles ?? names === undefined,
        values: [...values],
      };
    }),
  );

/** In single quotes, for either shell. */
const quote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const words = (texts: readonly string[]): string => quote(texts.join(' '));

const bashEntry = ({ name, options, names, files, values }: Entry): string => {
  const behind = values.map(([option, some]) => `${option}) ${some === null ? 'files=yes' : `names=${words(some)}`} ;;`);
  const own = `options=${words(options)} names=${words(names)}${files ? ' files=yes' : ''}`;
  return `      ${name}) case "$before" in ${[...behind, `*) ${own} ;;`].join(' ')} esac ;;`;
};

const bash = (all: readonly Entry[]): string => `# selfheal's completion for bash
_selfheal() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" options='' names='' files=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    names=${words([...all.map(({ name }) => name), 'help', '--help', '--version'])}
  else
    case "\${COMP_WORDS[1]}" in
      help) names=${words(all.map(({ name }) => name))} ;;
${all.map(bashEntry).join('\n')}
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

# npx selfheal: what completed npx before still does for all else
_selfheal_npx_now="$(complete -p npx 2>/dev/null | sed -n 's/.* -F \\([^ ]*\\) .*/\\1/p')"
[ "$_selfheal_npx_now" = _selfheal_npx ] || _selfheal_npx_before="$_selfheal_npx_now"
_selfheal_npx() {
  if [ "$COMP_CWORD" -gt 1 ] && [ "\${COMP_WORDS[1]}" = selfheal ]; then
    COMP_WORDS=("\${COMP_WORDS[@]:1}")
    COMP_CWORD=$((COMP_CWORD - 1))
    _selfheal
  elif [ -n "$_selfheal_npx_before" ]; then
    "$_selfheal_npx_before" "$@"
  elif [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W selfheal -- "\${COMP_WORDS[1]}"))
  fi
}
complete -o bashdefault -o default -F _selfheal_npx npx
`;

const zshEntry = ({ name, options, names, files, values }: Entry): string => {
  const offer = (some: readonly string[]) => `compadd -- ${some.map(quote).join(' ')}`;
  const others = [...(names.length > 0 ? [offer(names)] : []), ...(files ? ['_files'] : [])];
  const behind = values.map(([option, some]) => `${option}) ${some === null ? '_files' : offer(some)} ;;`);
  const own = `if [[ $words[CURRENT] == -* ]]; then compadd -- ${options.join(' ')}; else ${others.join('; ') || 'true'}; fi`;
  return `    ${name}) case $words[CURRENT-1] in ${[...behind, `*) ${own} ;;`].join(' ')} esac ;;`;
};

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
${all.map(zshEntry).join('\n')}
  esac
}
compdef _selfheal selfheal

# npx selfheal: what completed npx before still does for all else
: \${_selfheal_npx_before:=\${_comps[npx]:-_default}}
_selfheal_npx() {
  if (( CURRENT > 2 )) && [[ $words[2] == selfheal ]]; then
    shift words
    (( CURRENT-- ))
    _selfheal
  else
    $_selfheal_npx_before
  fi
}
compdef _selfheal_npx npx
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
