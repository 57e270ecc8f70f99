import type { Server } from 'node:http'
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer'
import type { GraphQLSchema } from 'graphql'
import type { ApiContext } from '../context.ts'
import { formatError } from './error-format.ts'
import { requestPlugin } from './request-plugin.ts'

/** Apollo, started. What is hostile by its form was refused before: see guard.ts. */
export async function startApollo(
  schema: GraphQLSchema,
  server: Server,
  maxLagBlocks: number,
): Promise<ApolloServer<ApiContext>> {
  // A plugin that ignores the context fits every context; its type says `BaseContext` only.
  const drain = ApolloServerPluginDrainHttpServer({ httpServer: server }) as unknown as ApolloServerPlugin<ApiContext>
  const apollo = new ApolloServer<ApiContext>({
    schema,
    introspection: true,
    includeStacktraceInErrorResponses: false,
    // Hashes of our own operations only: a cache that anybody fills is a cache that anybody empties.
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    csrfPrevention: true,
    // Said by the lines of runService and by the metrics.
    stopOnTerminationSignals: false,
    plugins: [requestPlugin(maxLagBlocks), drain],
    formatError,
  })
  await apollo.start()
  return apollo
}
