/** What only the operator may ask: vLLM's endpoints to load and unload adapters. */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { Request, RequestHandler, Response } from 'express'
import { z } from 'zod'
import type { ModelHost } from '../adapters/model-host.ts'
import { RequestError } from '../error.ts'

const Load = z.object({ lora_name: z.string().min(1).max(300), lora_path: z.string().max(300).nullish() })

/** Lets the operator pass. @param key undefined lets nobody */
export function operatorOnly(key: string | undefined): RequestHandler {
  return (request, _response, next) => {
    const given = /^Bearer (.+)$/.exec(request.get('authorization') ?? '')?.[1]
    if (key !== undefined && given !== undefined && isEqual(given, key)) return next()
    throw new RequestError('request.not_operator', 'Only the operator of the node may ask for this.', {
      status: key === undefined ? 403 : 401,
      nextStep: 'Send `Authorization: Bearer <OPENLEDGER_OPERATOR_KEY>`; where the setting is empty, nobody may.',
    })
  }
}

/** Takes an adapter into memory, and keeps it there. It must be registered on chain: a path is no name. */
export function loadAdapter(host: () => ModelHost) {
  return async (request: Request, response: Response): Promise<void> => {
    const { lora_name: name, lora_path: path } = read(request.body)
    const model = await host().resolveAny(name)
    if (path != null && path !== model.id && path !== model.artefactDigest) {
      throw new RequestError('request.unsupported', 'lora_path: adapters come from the chain, not from a path.', {
        status: 400,
        param: 'lora_path',
        nextStep: "Leave `lora_path` out, or set it to the model's id.",
      })
    }
    if (model.kind === 'adapter') await host().pin(model)
    response.type('text').send(`Success: LoRA adapter '${host().nameOf(model)}' added successfully.`)
  }
}

/** Takes an adapter out of service; answers when its last request is done and its memory is free. */
export function unloadAdapter(host: () => ModelHost) {
  return async (request: Request, response: Response): Promise<void> => {
    const model = await host().resolveAny(read(request.body).lora_name)
    if (model.kind !== 'adapter') {
      throw new RequestError('request.unsupported', 'lora_name: this is the base, which stays.', {
        status: 400,
        param: 'lora_name',
        nextStep: 'Name an adapter.',
      })
    }
    await host().withdraw(model)
    response.type('text').send(`Success: LoRA adapter '${host().nameOf(model)}' removed successfully.`)
  }
}

function read(body: unknown): z.infer<typeof Load> {
  const result = Load.safeParse(body)
  if (result.success) return result.data
  const issue = result.error.issues[0]!
  throw new RequestError('request.invalid', `${issue.path.join('.') || 'The body'}: ${issue.message}`, {
    status: 400,
    param: issue.path.join('.') || null,
    nextStep: 'Send {"lora_name": "<name or id>"}.',
  })
}

/** Takes the same time wherever they differ. */
function isEqual(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
