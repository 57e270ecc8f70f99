/** What a service refused, in its own words: `code` is documented in docs/errors.md. */
export class ApiError extends Error {
  readonly code: string
  readonly nextStep: string
  readonly retryable: boolean

  constructor(code: string, message: string, nextStep: string, retryable: boolean) {
    super(message)
    this.name = 'ApiError'
    this.code = code
    this.nextStep = nextStep
    this.retryable = retryable
  }
}

/** Any error as a person reads it: errors of the SDK and of services say what to do next, others only what they are. */
export function tellError(error: unknown): { code: string; message: string; nextStep: string } {
  const { code, message, nextStep } = error as Partial<ApiError>
  return {
    code: typeof code === 'string' ? code : 'page.failed',
    message: typeof message === 'string' && message !== '' ? message : String(error),
    nextStep: typeof nextStep === 'string' ? nextStep : 'Try again; if it stays, look into the service’s log.',
  }
}
