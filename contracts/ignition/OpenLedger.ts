import { buildModule } from '@nomicfoundation/ignition-core'

/**
 * Deploys and wires the whole economy. Read from top to bottom: each contract needs only those above it.
 * Owners and first role holders are set in the initialisers, so the deployer holds no power at any time.
 */
export default buildModule('OpenLedger', (m) => {
  const governor = m.getParameter<string>('governor')
  const treasury = m.getParameter<string>('treasury')
  const attester = m.getParameter<string>('attester')
  const proposer = m.getParameter<string>('proposer')
  const supplyHolder = m.getParameter<string>('supplyHolder')
  const bondWei = m.getParameter<bigint>('bondWei')
  const challengeWindowSeconds = m.getParameter<number>('challengeWindowSeconds')
  const thawSeconds = m.getParameter<number>('thawSeconds')

  const OpenToken = m.contract('OpenToken', [supplyHolder])

  const registryCode = m.contract('LineageRegistry', [], { id: 'LineageRegistryCode' })
  const registrySetup = m.encodeFunctionCall(registryCode, 'initialize', [governor, governor, attester])
  const registryProxy = m.contract('ERC1967Proxy', [registryCode, registrySetup], { id: 'LineageRegistryProxy' })
  const LineageRegistry = m.contractAt('LineageRegistry', registryProxy)

  const courtCode = m.contract('RootCourt', [], { id: 'RootCourtCode' })
  const courtTerms = [governor, OpenToken, bondWei, challengeWindowSeconds, proposer]
  const courtSetup = m.encodeFunctionCall(courtCode, 'initialize', courtTerms)
  const courtProxy = m.contract('ERC1967Proxy', [courtCode, courtSetup], { id: 'RootCourtProxy' })
  const RootCourt = m.contractAt('RootCourt', courtProxy)
  const RewardDistributor = m.contractAt('RewardDistributor', m.staticCall(RootCourt, 'distributor'))

  const escrowTerms = [governor, OpenToken, LineageRegistry, RewardDistributor, treasury, thawSeconds]
  const InferenceEscrow = m.contract('InferenceEscrow', escrowTerms)

  return { OpenToken, LineageRegistry, RootCourt, RewardDistributor, InferenceEscrow }
})
