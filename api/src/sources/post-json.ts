import { Agent as HttpAgent, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'

const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) }

/**
 * Posts JSON over a connection that is kept. The index is asked several times a request, and `fetch` takes a multiple of
 * this one's time.
 * @param timeoutMs for the connection to stay silent
 */
export function postJson(
  url: string,
  body: unknown,
  headers: Record<string, string>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const isHttps = url.startsWith('https:')
    const text = JSON.stringify(body)
    const options = {
      method: 'POST',
      agent: isHttps ? agents.https : agents.http,
      headers: { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
    }
    const sent = (isHttps ? requestHttps : requestHttp)(url, options, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') }),
      )
      response.on('error', reject)
    })
    const stop = () => sent.destroy(new Error('the time is over'))
    signal.addEventListener('abort', stop, { once: true })
    sent.setTimeout(timeoutMs, stop)
    sent.on('error', reject)
    sent.on('close', () => signal.removeEventListener('abort', stop))
    sent.end(text)
  })
}
