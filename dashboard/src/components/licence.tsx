import { inWords, type Terms } from '../app/licence.ts'
import { Icon } from './icon.tsx'

/** A licence in plain words; marks and words say what is allowed. */
export function Licence(terms: Terms) {
  return (
    <ul className="space-y-1.5 text-sm">
      {inWords(terms).map(({ allowed, text }) => (
        <li key={text} className="flex gap-2">
          <span className={`mt-0.5 ${allowed ? 'text-good' : 'text-bad'}`}>
            <Icon name={allowed ? 'check' : 'cross'} size={16} />
          </span>
          {text}
        </li>
      ))}
    </ul>
  )
}
