import { Link } from '@tanstack/react-router'
import { shortHex } from '../app/format.ts'

/** Links to what a sentence speaks of, by its name. */
export function RecordLink({ digest, title }: { digest: string; title: string }) {
  return (
    <Link to="/records/$digest" params={{ digest }} className="link">
      {title === '' ? shortHex(digest, 6) : title}
    </Link>
  )
}

export function ContributorLink({ account, name }: { account: string; name: string }) {
  return (
    <Link to="/contributors/$account" params={{ account }} className="link">
      {name === '' ? shortHex(account) : name}
    </Link>
  )
}

export function DatanetLink({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/datanets/$id" params={{ id }} className="link">
      {name === '' ? shortHex(id) : name}
    </Link>
  )
}

export function ModelLink({ id, name }: { id: string; name: string }) {
  return (
    <Link to="/models/$id" params={{ id }} className="link">
      {name === '' ? shortHex(id) : name}
    </Link>
  )
}

export function AnswerLink({ receiptHash, children }: { receiptHash: string; children?: string }) {
  return (
    <Link to="/playground" search={{ receipt: receiptHash }} className="link">
      {children ?? shortHex(receiptHash, 6)}
    </Link>
  )
}
