/** Writes docs/cli.md from the command line's own help: `npm run docs`. A test holds the file against the commands. */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createProgram, EXIT_CODES } from '../cli/src/program.ts'

const root = resolve(import.meta.dirname, '..')
type Command = ReturnType<typeof createProgram>

/** One width for all, whatever terminal this runs in. */
const WIDTH = 100

/** docs/cli.md as it must be. */
export function renderCli(program: Command = createProgram()): string {
  const codes = Object.entries(EXIT_CODES).map(([code, meaning]) => `- \`${code}\`: ${meaning}`)
  const head = `# Command line

\`openledger <noun> <verb>\`; in a checkout \`node cli/bin/openledger.mjs <noun> <verb>\`. This file is generated from the
commands' own help: \`npm run docs\`.

Data goes to stdout, progress and refusals to stderr; \`--json\` prints one JSON object, with amounts in wei as decimal strings.
Nothing is coloured where \`NO_COLOR\` is set or stdout is no terminal. What sends transactions takes \`--dry-run\`: calldata and
cost are printed and nothing is sent.

Commands find the stack of this machine by its settings (\`OPENLEDGER_STATE\`, \`OPENLEDGER_PORT_OFFSET\`, …), or any network by
\`--api-url\`; storing content elsewhere needs \`OPENLEDGER_CONTENT_URL\`. They sign with a demo account of a local chain
(\`--account alice\`), an encrypted keystore (\`--keystore\`, \`OPENLEDGER_KEYSTORE_PASSWORD\`) or \`OPENLEDGER_KEY\`.

Exit codes:

${codes.join('\n')}`
  return `${[head, ...sectionsOf(program, '')].join('\n\n')}\n`
}

function sectionsOf(command: Command, path: string): string[] {
  return command.commands.flatMap((verb) => {
    const name = `${path} ${verb.name()}`.trim()
    const below = sectionsOf(verb, name)
    const heading = `${path === '' ? '##' : '###'} ${name}`
    if (below.length > 0) return [`${heading}\n\n${sentence(verb.description())}`, ...below]
    verb.configureHelp({ helpWidth: WIDTH })
    const help = verb
      .helpInformation()
      .trim()
      .replace(/^Usage: openledger(?: |$)/, 'Usage: openledger ')
    return [`${heading}\n\n\`\`\`text\n${help}\n\`\`\``]
  })
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

if (process.argv[1] === import.meta.filename) writeFileSync(join(root, 'docs', 'cli.md'), renderCli())
