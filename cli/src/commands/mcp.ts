import { Command } from 'commander'
import { amountOf } from '../client/arguments.ts'
import { note } from '../client/print.ts'
import { openReader, openSigner, type SendingFlags, signs } from '../client/session.ts'

/** `openledger mcp`: until its client closes stdin. Nothing but the protocol goes to stdout. */
export function mcpCommand(): Command {
  const command = new Command('mcp')
    .description('serve the Model Context Protocol on stdin and stdout, for AI agents')
    .option('--max-open <amount>', 'most that agents may spend in all, in OPEN; without it nothing can be asked')
    .action(async (flags: SendingFlags & { maxOpen?: string }) => {
      const limitWei = flags.maxOpen === undefined ? 0n : amountOf(flags.maxOpen)
      const openledger = limitWei === 0n ? await openReader(flags) : await openSigner(flags)
      const { StdioServerTransport } = await import('@modelcontextprotocol/server/stdio')
      const { createMcpServer } = await import('../mcp/server.ts')
      const server = createMcpServer(openledger, limitWei)
      const ended = new Promise<void>((resolve) => {
        server.server.onclose = resolve
        process.stdin.once('end', resolve).once('close', resolve)
      })
      await server.connect(new StdioServerTransport())
      note(`Serving MCP on stdin and stdout${limitWei === 0n ? '; asking is off' : ''}.`)
      await ended
      openledger.close()
    })
  return signs(command)
}
