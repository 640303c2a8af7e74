import { COMMANDS, type CommandName, optionsOf, wordsOf } from './help.ts';

const NAMES = [...(Object.keys(COMMANDS) as CommandName[]), 'demo'] as const;

/** What each command offers behind its name. */
function behind(name: (typeof NAMES)[number]): readonly string[] {
  return name === 'demo' ? [] : [...wordsOf(name), ...optionsOf(name)];
}

/** The scripts that complete the command line, by shell. They hold no names of services: those are in the config. */
export const COMPLETIONS: Readonly<Record<string, () => string>> = {
  bash: () => `_slipway() {
  local word=\${COMP_WORDS[COMP_CWORD]} offered=
  if [ "$COMP_CWORD" -eq 1 ]; then
    offered='${[...NAMES, '--help', '--version'].join(' ')}'
  else
    case "\${COMP_WORDS[1]}" in
${NAMES.map((name) => `      ${name}) offered='${behind(name).join(' ')}' ;;`).join('\n')}
    esac
  fi
  COMPREPLY=($(compgen -W "$offered" -- "$word"))
}
complete -o default -F _slipway slipway
`,
  zsh: () => `#compdef slipway
_slipway() {
  if (( CURRENT == 2 )); then
    compadd -- ${[...NAMES, '--help', '--version'].join(' ')}
    return
  fi
  case "\${words[2]}" in
${NAMES.map((name) => `    ${name}) compadd -- ${behind(name).join(' ')} ;;`).join('\n')}
  esac
  _files
}
(( $+functions[compdef] )) && compdef _slipway slipway
`,
  fish: () =>
    `${[
      'complete -c slipway -f -n __fish_use_subcommand -l version -d "Which version this is"',
      ...NAMES.flatMap((name) => [
        `complete -c slipway -f -n __fish_use_subcommand -a ${name}`,
        ...behind(name).map((word) => {
          const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-f -a ${word}`;
          return `complete -c slipway -n '__fish_seen_subcommand_from ${name}' ${what}`;
        }),
      ]),
    ].join('\n')}\n`,
};
