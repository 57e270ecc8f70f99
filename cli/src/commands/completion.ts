import { Argument, Command } from 'commander'

/** `openledger completion bash|zsh`: prints a script to be sourced. @param program whose commands are completed */
export function completionCommand(program: () => Command): Command {
  return new Command('completion')
    .description('print a completion script: source <(openledger completion bash)')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
    .action((shell: 'bash' | 'zsh') => {
      process.stdout.write(scriptOf(shell, wordsOf(program())))
    })
}

/** Words that may follow each path of commands: verbs and flags. */
export function wordsOf(command: Command, path = ''): Map<string, string[]> {
  const flags = command.options.map(({ long }) => long).filter((flag) => flag != null)
  const words = new Map([[path, [...command.commands.map((verb) => verb.name()), ...flags, '--help']]])
  for (const verb of command.commands) {
    for (const [below, list] of wordsOf(verb, `${path} ${verb.name()}`.trim())) words.set(below, list)
  }
  return words
}

function scriptOf(shell: 'bash' | 'zsh', words: ReadonlyMap<string, readonly string[]>): string {
  const cases = [...words].map(([path, list]) => `    '${path}') words='${list.join(' ')}' ;;`).join('\n')
  // zsh reads bash's completions once told to; one script then serves both.
  const head = shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : ''
  return `${head}_openledger() {
  local at='' word words=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) break ;; esac
    case "$at $word" in ${nouns(words)}) at="\${at:+$at }$word" ;; esac
  done
  case "$at" in
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _openledger openledger
`
}

/** Patterns of "<path> <word>" that lead one command deeper: anything else on the line is an argument. */
function nouns(words: ReadonlyMap<string, readonly string[]>): string {
  const paths = [...words.keys()].filter((path) => path !== '')
  return paths.map((path) => `'${path.includes(' ') ? path : ` ${path}`}'`).join('|')
}
