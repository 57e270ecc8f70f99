import { type ErrorComponentProps, Link } from '@tanstack/react-router'
import { Failure } from '../components/states.tsx'

export function NotFound() {
  return (
    <div className="py-16 text-center">
      <h1 className="font-semibold text-2xl">There is nothing at this address</h1>
      <p className="mt-2 text-muted">The link may be of another deployment, or mistyped.</p>
      <p className="mt-6">
        <Link to="/" className="button">
          To the overview
        </Link>
      </p>
    </div>
  )
}

export function PageFailure({ error, reset }: ErrorComponentProps) {
  return <Failure error={error} onRetry={reset} />
}
