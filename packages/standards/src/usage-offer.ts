/**
 * Terms of a Datanet or model as an ODRL 2.2 offer (W3C Recommendation, 15 February 2018), with the actions that its common
 * vocabulary takes from Creative Commons.
 */
import type { LicenceFlags, Terms } from './facts.ts'

const MAY_DERIVE = 1
const MAY_TRADE = 2
const SHARE_ALIKE = 4

/** Prefixes that an offer's document must declare. */
export const OFFER_CONTEXT = {
  odrl: 'http://www.w3.org/ns/odrl/2/',
  cc: 'http://creativecommons.org/ns#',
} as const

type Node = { [property: string]: unknown }

/** @param target what is offered */
export function usageOffer(
  target: string,
  { licence, licenceFlags, royaltyPpm }: Terms & { licenceFlags: LicenceFlags },
): Node {
  const mayDerive = (licenceFlags & MAY_DERIVE) !== 0
  const mayTrade = (licenceFlags & MAY_TRADE) !== 0
  const credit = duty('cc:Attribution')
  const derived = [
    credit,
    ...(royaltyPpm > 0 ? [royalty(royaltyPpm)] : []),
    ...((licenceFlags & SHARE_ALIKE) !== 0 ? [duty('cc:ShareAlike')] : []),
  ]
  const permissions = [rule('Permission', target, 'odrl:reproduce', [credit])]
  if (mayDerive) permissions.push(rule('Permission', target, 'odrl:derive', derived))
  if (mayTrade) permissions.push(rule('Permission', target, 'cc:CommercialUse', [credit]))
  const prohibitions = [
    ...(mayDerive ? [] : [rule('Prohibition', target, 'odrl:derive')]),
    ...(mayTrade ? [] : [rule('Prohibition', target, 'cc:CommercialUse')]),
  ]
  return {
    '@type': ['sc:CreativeWork', 'odrl:Offer'],
    'odrl:uid': `${target}#terms`,
    name: `Terms: ${licence}`,
    'odrl:permission': permissions,
    ...(prohibitions.length > 0 ? { 'odrl:prohibition': prohibitions } : {}),
  }
}

function rule(kind: 'Permission' | 'Prohibition', target: string, action: string, duties: Node[] = []): Node {
  return {
    '@type': `odrl:${kind}`,
    'odrl:target': { '@id': target },
    'odrl:action': { '@id': action },
    ...(duties.length > 0 ? { 'odrl:duty': duties } : {}),
  }
}

function duty(action: string): Node {
  return { '@type': 'odrl:Duty', 'odrl:action': { '@id': action } }
}

/** A part of the income, in percent: parts per million have four digits behind the point. */
function royalty(ppm: number): Node {
  const percent = `${Math.trunc(ppm / 10_000)}.${String(ppm % 10_000).padStart(4, '0')}`
  return {
    ...duty('odrl:compensate'),
    'odrl:constraint': {
      '@type': 'odrl:Constraint',
      'odrl:leftOperand': { '@id': 'odrl:percentage' },
      'odrl:operator': { '@id': 'odrl:eq' },
      'odrl:rightOperand': { '@type': 'http://www.w3.org/2001/XMLSchema#decimal', '@value': percent },
    },
  }
}
