import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { OpenLedgerError } from '@openledger/protocol'
import type { Network } from '@openledger/sdk'
import { note } from './print.ts'

/**
 * Writes a document that the api exports to a file, which appears whole or not at all, or to stdout.
 * @param path below /exports
 * @throws the api's own refusal; export.broken_off when its bytes end early
 */
export async function saveExport({ urls }: Network, path: string, file: string | undefined): Promise<void> {
  const url = `${urls.api}/exports/${path}`
  const response = await fetch(url)
  if (!response.ok || response.body === null) throw refusal(url, response.status, await response.text())
  const body = Readable.fromWeb(response.body as import('node:stream/web').ReadableStream)
  if (file === undefined) {
    return await pipeline(body, process.stdout, { end: false }).catch((cause) => {
      throw brokenOff(url, cause)
    })
  }
  const place = resolve(file)
  const draft = `${place}.${process.pid}.part`
  try {
    await pipeline(body, createWriteStream(draft))
    await rename(draft, place)
  } catch (cause) {
    await rm(draft, { force: true })
    throw brokenOff(url, cause)
  }
  note(`${place}  from ${url}`)
}

function refusal(url: string, status: number, text: string): OpenLedgerError {
  let report: Partial<OpenLedgerError.Report> = {}
  try {
    report = (JSON.parse(text) as { error?: OpenLedgerError.Report }).error ?? {}
  } catch {
    // Whoever answered is not our api.
  }
  return new OpenLedgerError(report.code ?? 'export.refused', report.message ?? 'The api refused the export.', {
    facts: { url, status },
    nextStep: report.nextStep ?? 'Check the address of the api.',
    retryable: report.retryable ?? status >= 500,
  })
}

function brokenOff(url: string, cause: unknown): OpenLedgerError {
  return new OpenLedgerError('export.broken_off', 'The export ended early; nothing of it was kept.', {
    facts: { url, reason: cause instanceof Error ? cause.message : String(cause) },
    nextStep: 'Ask again; if it ends early again, a content of the Datanet may be missing: `openledger doctor`.',
    retryable: true,
    cause,
  })
}
